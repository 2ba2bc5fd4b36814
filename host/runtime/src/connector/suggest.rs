//! Names that come close to a wrong one.

/// How many names a list has at most.
const LISTED: usize = 20;

/// `; did you mean "robot.list"?`, where one of the names is close, else a list of them, else nothing.
pub fn suggest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    // Comparing takes time with the square of the length, and no name is that long.
    let comparable = given.len() <= 256;
    let closest = names
        .iter()
        .filter(|_| comparable)
        .map(|name| (strsim::damerau_levenshtein(given, name), *name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3);
    match closest {
        Some((_, name)) => format!("; did you mean {name:?}?"),
        None if names.is_empty() => String::new(),
        None if names.len() > LISTED => {
            format!(
                "; there are {} and {} more",
                names[..LISTED].join(", "),
                names.len() - LISTED
            )
        }
        None => format!("; there are {}", names.join(", ")),
    }
}
