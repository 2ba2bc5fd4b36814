//! The table, as text and as Markdown.

use std::fmt::Write as _;
use std::path::Path;

use crate::Failed;
use crate::row::Row;

const START: &str = "<!-- bench-calls -->";
const END: &str = "<!-- /bench-calls -->";

const HEAD: [&str; 6] = ["what", "beside", "reached", "aim", "Patchbay", "the other"];

/// What the columns mean.
const LEGEND: &str = "Ratios are calls per second beside the other's, with 1, 8 and 32 calls at the same time; calls per second and CPU time of a call are those with 8.";

/// As text for a terminal.
pub(crate) fn text(machine: &str, rows: &[Row]) -> String {
    let lines = lines(rows, |text| text.replace('`', ""));
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = format!("{machine}\n{LEGEND}\n");
    for line in &lines {
        let cells = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        text.push('\n');
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

/// As Markdown.
pub(crate) fn markdown(machine: &str, rows: &[Row]) -> String {
    let lines = lines(rows, str::to_owned);
    let mut text = format!("Measured on {machine}. {LEGEND}\n");
    for (number, line) in lines.iter().enumerate() {
        let _ = write!(text, "\n| {} |", line.join(" | "));
        if number == 0 {
            text.push_str("\n|");
            text.push_str(&" --- |".repeat(HEAD.len()));
        }
    }
    text.push('\n');
    text
}

fn lines(rows: &[Row], styled: impl Fn(&str) -> String) -> Vec<[String; 6]> {
    let line = |row: &Row| {
        let [own, other] = row.figures.clone();
        let what = styled(&format!("{}: {}", row.group, row.what));
        [
            what,
            styled(&row.beside),
            row.reached_text(),
            row.aim_text(),
            own,
            other,
        ]
    };
    std::iter::once(HEAD.map(str::to_owned))
        .chain(rows.iter().map(line))
        .collect()
}

/// Writes the Markdown between the two lines that mark its place in the file, or, where there are none, as the file.
pub(crate) fn write_markdown(file: &Path, table: &str) -> Result<(), Failed> {
    let before = std::fs::read_to_string(file).unwrap_or_default();
    let parts = before
        .split_once(START)
        .and_then(|(start, rest)| Some((start, rest.split_once(END)?.1)));
    let text = match parts {
        Some((start, end)) => format!("{start}{START}\n{table}{END}{end}"),
        None => table.to_owned(),
    };
    std::fs::write(file, text).map_err(|error| format!("{} can't be written: {error}", file.display()))?;
    Ok(())
}
