//! Who may call: the document does not say, so it is what the builder says.

use clap::Args;

use super::{CLIENT_ID, CLIENT_SECRET};
use crate::headers::{single, unexpected};
use crate::strict::Call;
use crate::vendor::Refusal;

/// What a simulator demands.
#[derive(Debug, Clone, Args)]
pub(super) struct Credentials {
    /// The client id it takes
    #[arg(long, default_value = CLIENT_ID)]
    pub(super) client_id: String,
    /// The client secret it takes
    #[arg(long, default_value = CLIENT_SECRET)]
    pub(super) client_secret: String,
    /// A header that every business call must have; may be given more than once
    #[arg(long = "auth-header", value_name = "NAME=VALUE", value_parser = header)]
    pub(super) headers: Vec<(String, String)>,
    /// A query parameter that every business call must have; may be given more than once
    #[arg(long = "auth-query", value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) query: Vec<(String, String)>,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = pair(text)?;
    Ok((name.to_ascii_lowercase(), value))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("not of the form NAME=VALUE")?;
    Ok((name.into(), value.into()))
}

impl Credentials {
    pub(super) fn is_query(&self, name: &str) -> bool {
        self.query.iter().any(|(key, _)| key == name)
    }

    pub(super) fn check(&self, call: &Call) -> Result<(), Refusal> {
        let id = call.operation.id;
        let identity = call.operation.path.starts_with("/oauth2/");
        let ours = |name: &str| self.headers.iter().any(|(key, _)| key == name);
        if let Some(name) = unexpected(&call.headers, |name| !identity && ours(name)) {
            return Err(Refusal::Breach(format!(
                "{id}: header {name}: not documented here"
            )));
        }
        if identity {
            self.check_identity(call)
        } else {
            self.check_business(call)
        }
    }

    fn check_identity(&self, call: &Call) -> Result<(), Refusal> {
        let id = call.operation.id;
        for (name, _) in &call.query {
            if call.operation.params.iter().all(|param| param.name != name) {
                return Err(Refusal::Breach(format!(
                    "{id}: query parameter {name:?}: not documented here"
                )));
            }
        }
        for (name, expected) in [
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
        ] {
            if call.text(name) != Some(expected) {
                return Err(refused(id, &format!("{name} is wrong")));
            }
        }
        Ok(())
    }

    fn check_business(&self, call: &Call) -> Result<(), Refusal> {
        let id = call.operation.id;
        for name in ["client_id", "client_secret"] {
            // In the query they are unknown already, unless they were asked for.
            if call.params.contains_key(name) {
                let text = format!("{id}: JSON member {name:?}: belongs to the /oauth2 operations only");
                return Err(Refusal::Breach(text));
            }
        }
        for (name, expected) in &self.headers {
            match single(call, name)? {
                Some(value) if value == expected.as_bytes() => {}
                Some(_) => return Err(refused(id, &format!("header {name} is wrong"))),
                None => return Err(refused(id, &format!("no header {name}"))),
            }
        }
        for (name, expected) in &self.query {
            match call.query.iter().find(|(key, _)| key == name) {
                Some((_, value)) if value == expected => {}
                Some(_) => return Err(refused(id, &format!("query parameter {name} is wrong"))),
                None => return Err(refused(id, &format!("no query parameter {name}"))),
            }
        }
        Ok(())
    }
}

fn refused(id: &str, why: &str) -> Refusal {
    Refusal::Credentials {
        why: format!("{id}: {why}"),
        breach: false,
    }
}
