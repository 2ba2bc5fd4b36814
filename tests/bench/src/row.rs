//! A row of the table.

use crate::plan::Plan;
use crate::turns::Measured;

/// Something that was measured.
pub(crate) struct Row {
    /// What belongs together.
    pub(crate) group: &'static str,
    pub(crate) what: String,
    /// What it is compared with. Empty: nothing.
    pub(crate) beside: String,
    pub(crate) reached: Reached,
    pub(crate) aim: Option<Aim>,
    /// The figures behind it: Patchbay's, and those of what it is compared with.
    pub(crate) figures: [String; 2],
}

/// What came out.
pub(crate) enum Reached {
    /// The ratio of calls per second for each number of calls at the same time.
    Ratios(Vec<(usize, f64)>),
    /// One figure with its unit.
    Figure(f64, &'static str),
}

/// What should come out.
pub(crate) struct Aim {
    pub(crate) bound: Bound,
    /// The calls at the same time that it holds for. `None`: any.
    pub(crate) at_a_time: Option<usize>,
}

/// A bound.
pub(crate) enum Bound {
    Least(f64),
    Most(f64),
}

impl Aim {
    /// At least so much.
    pub(crate) fn least(value: f64) -> Self {
        Self {
            bound: Bound::Least(value),
            at_a_time: None,
        }
    }

    /// At most so much.
    pub(crate) fn most(value: f64) -> Self {
        Self {
            bound: Bound::Most(value),
            at_a_time: None,
        }
    }

    /// With so many calls at the same time.
    pub(crate) fn at(self, at_a_time: usize) -> Self {
        Self {
            at_a_time: Some(at_a_time),
            ..self
        }
    }

    /// The figure.
    pub(crate) fn value(&self) -> f64 {
        let (Bound::Least(value) | Bound::Most(value)) = self.bound;
        value
    }

    fn met(&self, reached: &Reached) -> bool {
        let holds = |value: f64| match self.bound {
            // As the table shows it.
            Bound::Least(least) => (value * 100.0).round() >= least * 100.0,
            Bound::Most(most) => value <= most,
        };
        match reached {
            Reached::Figure(value, _) => holds(*value),
            Reached::Ratios(ratios) => {
                let counted = |at_a_time: usize| self.at_a_time.is_none_or(|only| only == at_a_time);
                ratios
                    .iter()
                    .all(|(at_a_time, ratio)| !counted(*at_a_time) || holds(*ratio))
            }
        }
    }
}

impl Row {
    /// A way beside another one, at each number of calls at the same time.
    pub(crate) fn compared(
        group: &'static str,
        what: &str,
        beside: &str,
        measured: &[(usize, &Measured, &Measured)],
    ) -> Self {
        let ratios = measured
            .iter()
            .map(|(at_a_time, own, other)| (*at_a_time, own.ratio(other)));
        let shown = measured.iter().find(|(at_a_time, ..)| *at_a_time == Plan::SHOWN);
        let figures = shown.map(|(_, own, other)| [speed(own), speed(other)]);
        Self {
            group,
            what: what.to_owned(),
            beside: beside.to_owned(),
            reached: Reached::Ratios(ratios.collect()),
            aim: None,
            figures: figures.unwrap_or_default(),
        }
    }

    /// A figure.
    pub(crate) fn figure(group: &'static str, what: &str, value: f64, unit: &'static str) -> Self {
        Self {
            group,
            what: what.to_owned(),
            beside: String::new(),
            reached: Reached::Figure(value, unit),
            aim: None,
            figures: [String::new(), String::new()],
        }
    }

    /// With what it is compared with.
    pub(crate) fn beside(self, beside: &str) -> Self {
        Self {
            beside: beside.to_owned(),
            ..self
        }
    }

    /// With the figures behind it.
    pub(crate) fn with(self, own: String, other: String) -> Self {
        Self {
            figures: [own, other],
            ..self
        }
    }

    /// With an aim, where there is one.
    pub(crate) fn aim(self, aim: Option<Aim>) -> Self {
        Self { aim, ..self }
    }

    /// The result in words.
    pub(crate) fn reached_text(&self) -> String {
        match &self.reached {
            Reached::Ratios(ratios) => {
                let ratios: Vec<String> = ratios.iter().map(|(_, ratio)| format!("{ratio:.2}")).collect();
                ratios.join(" · ")
            }
            Reached::Figure(value, "×") => format!("{value:.2}"),
            Reached::Figure(value, unit) if *value < 10.0 => format!("{value:.1} {unit}"),
            Reached::Figure(value, unit) => format!("{value:.0} {unit}"),
        }
    }

    /// The aim in words, and whether it was met.
    pub(crate) fn aim_text(&self) -> String {
        let Some(aim) = &self.aim else {
            return String::new();
        };
        let unit = match self.reached {
            Reached::Ratios(_) | Reached::Figure(_, "×") => String::new(),
            Reached::Figure(_, unit) => format!(" {unit}"),
        };
        let bound = match aim.bound {
            Bound::Least(value) => format!("≥ {value}{unit}"),
            Bound::Most(value) => format!("≤ {value}{unit}"),
        };
        let at = aim
            .at_a_time
            .map_or_else(String::new, |at_a_time| format!(" at {at_a_time}"));
        let met = if aim.met(&self.reached) { "met" } else { "missed" };
        format!("{bound}{at}: {met}")
    }
}

/// Calls per second and CPU time of a call.
pub(crate) fn speed(measured: &Measured) -> String {
    let rate = measured.rate();
    match measured.cpu() {
        Some(cpu) => format!("{rate:.0}/s, {cpu:.0} µs"),
        None => format!("{rate:.0}/s"),
    }
}
