//! Names that come close to a wrong one.

/// How many names a list has at most.
const LISTED: usize = 20;
/// How long a list is at most, in bytes: names come from connectors too.
const LIST: usize = 1 << 10;

/// `; did you mean "robot.list"?`, where one of the names is close, else a list of them, else nothing.
pub fn suggest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    // Comparing takes time with the square of the length, and no name is that long.
    let comparable = given.len() <= 256;
    let closest = names
        .iter()
        .filter(|name| comparable && name.len() <= 256)
        .map(|name| (strsim::damerau_levenshtein(given, name), *name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3);
    match closest {
        Some((_, name)) => format!("; did you mean {name:?}?"),
        None if names.is_empty() => String::new(),
        None => {
            let mut left = LIST;
            let fitting = names.iter().take(LISTED).take_while(|name| {
                let fits = name.len() <= left;
                left = left.saturating_sub(name.len());
                fits
            });
            let listed: Vec<&str> = fitting.copied().collect();
            match names.len() - listed.len() {
                0 => format!("; there are {}", listed.join(", ")),
                more => format!("; there are {} and {more} more", listed.join(", ")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_has_a_bound() {
        let names: Vec<String> = (0..100_000).map(|number| format!("operation-{number}")).collect();
        let message = suggest("robot.list", names.iter().map(String::as_str));
        assert!(message.ends_with(" and 99980 more"), "{message}");
        let long = ["x".repeat(1 << 20), "y".repeat(1 << 20)];
        let message = suggest("robot.list", long.iter().map(String::as_str));
        assert!(message.len() < 100, "{} bytes", message.len());
    }
}
