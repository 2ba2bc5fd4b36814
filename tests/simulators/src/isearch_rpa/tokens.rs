//! Sessions: tokens given, renewed, expired and revoked.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;

use super::store;
use crate::lock;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

#[derive(Debug, Default)]
struct Given {
    /// Access tokens and their ends.
    access: HashMap<String, Instant>,
    /// Refresh tokens and the access tokens they came with.
    refresh: HashMap<String, String>,
}

/// The account and its sessions.
#[derive(Debug)]
pub(super) struct Tokens {
    access_key: String,
    secret_key: String,
    lifetime: Duration,
    given: Mutex<Given>,
}

impl Tokens {
    pub(super) fn new(access_key: String, secret_key: String, lifetime: Duration) -> Self {
        Self {
            access_key,
            secret_key,
            lifetime,
            given: Mutex::default(),
        }
    }

    pub(super) fn access_key(&self) -> &str {
        &self.access_key
    }

    pub(super) fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Whether a token is good.
    pub(super) fn check(&self, token: &str) -> Result<(), Refusal> {
        let why = match lock(&self.given).access.get(token) {
            Some(end) if *end > Instant::now() => return Ok(()),
            Some(_) => "the token has expired",
            None => "the token is unknown",
        };
        Err(Refusal::Credentials {
            why: why.into(),
            breach: false,
        })
    }

    pub(super) fn create(&self, call: &Call) -> Result<Answer, Refusal> {
        let fits = call.text("accessKey") == Some(&self.access_key)
            && call.text("secretKey") == Some(&self.secret_key);
        if fits {
            Ok(self.give(&mut lock(&self.given)))
        } else {
            Err(Refusal::vendor(4001, "用户名或密码错误"))
        }
    }

    pub(super) fn refresh(&self, call: &Call) -> Result<Answer, Refusal> {
        let mut given = lock(&self.given);
        let old = call
            .text("refreshToken")
            .and_then(|token| given.refresh.remove(token))
            .ok_or_else(|| Refusal::vendor(4002, "refreshToken 不合法"))?;
        given.access.remove(&old);
        Ok(self.give(&mut given))
    }

    fn give(&self, given: &mut Given) -> Answer {
        let (access, refresh) = (uuid(), uuid());
        given
            .access
            .insert(access.clone(), Instant::now() + self.lifetime);
        given.refresh.insert(refresh.clone(), access.clone());
        let milliseconds = u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX);
        store::found(&json!({
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
            "expires_in": milliseconds.saturating_sub(1),
            "scope": "server",
        }))
    }

    pub(super) fn expire(&self) {
        let now = Instant::now();
        for end in lock(&self.given).access.values_mut() {
            *end = now;
        }
    }

    pub(super) fn revoke(&self) {
        *lock(&self.given) = Given::default();
    }
}

/// Random, of a UUID's form.
pub(super) fn uuid() -> String {
    let random = || RandomState::new().hash_one(0);
    let (a, b) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        0x8000 | (b >> 48 & 0x3fff),
        b & 0xffff_ffff_ffff,
    )
}
