//! The chart of the ratios, as SVG.

use std::fmt::Write as _;

use crate::row::{Reached, Row};

const WIDTH: f64 = 860.0;
/// Where the bars begin, and how far they may go.
const LEFT: f64 = 340.0;
const RIGHT: f64 = 800.0;
const TOP: f64 = 74.0;
const BAR: f64 = 9.0;
/// The height of the two lines that name a row.
const LABEL: f64 = 28.0;
/// The rest below a row, and the height of a group's name.
const GAP: f64 = 9.0;
const HEADING: f64 = 26.0;

/// Readable on light and on dark pages, whatever shows it: the background is part of the picture. Colours aren't
/// variables, which not everything that shows SVG knows.
const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: #1f2328; } .page { fill: #fff; }
  .title { font-weight: 600; font-size: 15px; } .group { font-weight: 600; }
  .small { font-size: 11px; fill: #59636e; }
  .value { font-size: 9.5px; fill: #59636e; paint-order: stroke; stroke: #fff; stroke-width: 3px; }
  .line { stroke: #d1d9e0; } .one { stroke: #1f2328; } .aim { stroke: #bc4c00; stroke-width: 2; }
  .b0 { fill: #a5c8f5; } .b1 { fill: #5b97e5; } .b2 { fill: #1f5bb5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .page { fill: #0d1117; } .small, .value { fill: #9198a1; }
    .line { stroke: #3d444d; } .one { stroke: #f0f6fc; } .aim { stroke: #f0883e; }
    .b0 { fill: #2b4d7c; } .b1 { fill: #3f78c4; } .b2 { fill: #6ba6f5; } .value { stroke: #0d1117; }
  }
";

/// Bars for each row that is a ratio of calls per second.
pub(crate) fn svg(machine: &str, rows: &[Row]) -> String {
    let bars = rows.iter().filter_map(|row| match &row.reached {
        Reached::Ratios(ratios) => Some((row, ratios.as_slice())),
        Reached::Figure(..) => None,
    });
    let bars: Vec<(&Row, &[(usize, f64)])> = bars.collect();
    let ratios = bars
        .iter()
        .flat_map(|(_, ratios)| ratios.iter().map(|(_, ratio)| *ratio));
    let aims = bars.iter().filter_map(|(row, _)| Some(row.aim.as_ref()?.value()));
    let most = ratios.chain(aims).fold(1.2, f64::max);
    let x = |ratio: f64| LEFT + (RIGHT - LEFT) * ratio / most;

    let (mut body, mut y, mut group) = (String::new(), TOP, "");
    for (row, ratios) in bars {
        if row.group != group {
            group = row.group;
            text(&mut body, "group", 20.0, y + 17.0, group);
            y += HEADING;
        }
        y = draw(&mut body, row, ratios, y, x);
    }
    let bottom = y;
    let mut grid = String::new();
    for step in 0..=8_u8 {
        let ratio = f64::from(step) / 2.0;
        if ratio <= most {
            let class = if step == 2 { "one" } else { "line" };
            line(&mut grid, class, x(ratio), TOP - 6.0, bottom);
            text(
                &mut grid,
                "small",
                x(ratio) - 8.0,
                TOP - 12.0,
                &format!("{ratio:.1}"),
            );
        }
    }
    let mut head = String::new();
    text(
        &mut head,
        "title",
        20.0,
        28.0,
        "Calls per second, as a multiple of what does the same without Patchbay",
    );
    let mut at = 20.0;
    for (class, name) in [("b0", "1 at a time"), ("b1", "8"), ("b2", "32")] {
        let _ = write!(
            head,
            r#"<rect class="{class}" x="{at}" y="42" width="10" height="10"/>"#
        );
        text(&mut head, "small", at + 15.0, 51.0, name);
        at += if class == "b0" { 90.0 } else { 44.0 };
    }
    line(&mut head, "aim", at + 4.0, 41.0, 53.0);
    text(&mut head, "small", at + 12.0, 51.0, "aim");
    text(&mut head, "small", 20.0, bottom + 24.0, machine);
    let height = bottom + 38.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\
         <style>{STYLE}</style><rect class=\"page\" width=\"100%\" height=\"100%\"/>\n{head}\n{grid}\n{body}</svg>\n"
    )
}

/// Draws a row, and returns where the next one begins.
fn draw(body: &mut String, row: &Row, ratios: &[(usize, f64)], top: f64, x: impl Fn(f64) -> f64) -> f64 {
    let plain = |text: &str| text.replace('`', "");
    let bars: f64 = ratios.iter().map(|_| BAR).sum();
    let middle = top + bars.max(LABEL) / 2.0;
    let first = middle - bars / 2.0;
    let mut y = first;
    for (at_a_time, ratio) in ratios {
        let class = match at_a_time {
            ..8 => "b0",
            8 => "b1",
            _ => "b2",
        };
        let (width, height) = (x(*ratio) - LEFT, BAR - 1.0);
        let _ = write!(
            body,
            r#"<rect class="{class}" x="{LEFT}" y="{y:.1}" width="{width:.1}" height="{height}"/>"#
        );
        text(body, "value", x(*ratio) + 4.0, y + height, &format!("{ratio:.2}"));
        y += BAR;
    }
    text(body, "label", 32.0, middle - 1.0, &plain(&row.what));
    text(
        body,
        "small",
        32.0,
        middle + 12.0,
        &format!("beside: {}", plain(&row.beside)),
    );
    if let Some(aim) = &row.aim {
        line(body, "aim", x(aim.value()), first - 2.0, y + 1.0);
    }
    body.push('\n');
    top + bars.max(LABEL) + GAP
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = write!(
        svg,
        r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#
    );
}

fn line(svg: &mut String, class: &str, x: f64, top: f64, bottom: f64) {
    let _ = write!(
        svg,
        r#"<line class="{class}" x1="{x:.1}" x2="{x:.1}" y1="{top:.1}" y2="{bottom:.1}"/>"#
    );
}
