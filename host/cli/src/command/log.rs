//! The log on standard error.

use std::fmt::{self, Debug};
use std::io::{IsTerminal, stderr};

use patchbay::{printable, scrub, scrub_of};
use tracing::field::{Field, Visit};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::prelude::*;

/// The crates whose events are logged.
const OWN: [&str; 4] = ["patchbay", "patchbay_cli", "patchbay_service", "patchbay_state"];

/// Logs Patchbay's own events, as `RUST_LOG` says, else from `level` on. Those of the libraries beneath are
/// left out whatever it says: at their finest levels they print what they handle, secrets included.
pub(super) fn start(level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let own = filter_fn(|event| OWN.contains(&event.target().split("::").next().unwrap_or_default()));
    let layer = tracing_subscriber::fmt::layer()
        .fmt_fields(SafeFields)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    tracing_subscriber::registry()
        .with(layer.with_filter(filter).with_filter(own))
        .init();
}

/// Writes the message and the fields of an event without secrets and control characters. Level, target and names
/// of fields are Patchbay's own, and stay.
#[derive(Debug, Clone, Copy)]
struct SafeFields;

impl<'writer> FormatFields<'writer> for SafeFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut gathered = Gathered::default();
        fields.record(&mut gathered);
        let scrubbed = |text| match &gathered.connection {
            Some(connection) => scrub_of(connection, text),
            None => scrub(text),
        };
        for (index, (name, text)) in gathered.fields.iter().enumerate() {
            if index > 0 {
                writer.write_char(' ')?;
            }
            match *name {
                "message" => {}
                name if writer.has_ansi_escapes() => {
                    write!(writer, "\u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m")?;
                }
                name => write!(writer, "{name}=")?,
            }
            writer.write_str(&printable(&scrubbed(text)))?;
        }
        Ok(())
    }
}

/// The fields of an event as texts, and the connection that they name.
#[derive(Default)]
struct Gathered {
    connection: Option<String>,
    fields: Vec<(&'static str, String)>,
}

impl Visit for Gathered {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "connection" {
            self.connection = Some(value.to_owned());
        }
        let text = match field.name() {
            "message" => value.to_owned(),
            _ => format!("{value:?}"),
        };
        self.fields.push((field.name(), text));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        if field.name() == "connection" {
            self.connection = Some(text.clone());
        }
        self.fields.push((field.name(), text));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let written = Written::default();
        let writer = written.clone();
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(SafeFields)
            .without_time()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let vendor = "no\n2026-01-01T00:00:00Z  INFO patchbay: all is well\u{1b}]0;title\u{7}\u{202e}";
            tracing::info!(connection = %"rpa\r", place = "a\nb", count = 3, "failed: {vendor}");
        });
        let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            log,
            " INFO patchbay_cli::command::log::tests: failed: no\\n2026-01-01T00:00:00Z  INFO patchbay: all is well\\u{1b}]0;title\\u{7}\\u{202e} connection=rpa\\r place=\"a\\nb\" count=3\n"
        );
    }
}
