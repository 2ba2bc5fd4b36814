//! What an access token says about itself. The answer has no lifetime, but the token is a JWT.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use patchbay_sdk::answer;

/// How long before its end a token counts as ended, in seconds: calls that are under way keep a good one.
const MARGIN: u64 = 60;

/// When the token should be renewed, in milliseconds since 1970, where it is a JWT that says so. The
/// signature isn't checked: the vendor does that.
pub(crate) fn until_ms(token: &str) -> Option<u64> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims = answer::parse(&payload).ok()?;
    claims
        .get("exp")?
        .as_u64()?
        .saturating_sub(MARGIN)
        .checked_mul(1000)
}

#[cfg(test)]
pub(crate) mod tests {
    use base64::Engine as _;
    use serde_json::{Value, json};

    use super::{URL_SAFE_NO_PAD, until_ms};

    /// A token with these claims.
    pub(crate) fn jwt(claims: &Value) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!(
            "{}.{}.{}",
            part(r#"{"alg":"HS256"}"#),
            part(&claims.to_string()),
            part("signature")
        )
    }

    #[test]
    fn the_end_of_a_token_is_read_where_it_can_be() {
        assert_eq!(
            until_ms(&jwt(&json!({ "exp": 1_688_642_775 }))),
            Some(1_688_642_715_000)
        );
        // Padding, and characters that only the URL alphabet has.
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"??>>~~","exp":100}"#);
        assert!(claims.contains(['-', '_']));
        assert_eq!(until_ms(&format!("h.{claims}==.s")), Some(40_000));
        assert_eq!(until_ms(&jwt(&json!({ "exp": 30 }))), Some(0));
        for none in [
            jwt(&json!({ "iat": 1 })),
            jwt(&json!({ "exp": "1688642775" })),
            jwt(&json!({ "exp": u64::MAX })),
            jwt(&json!([])),
            "a.b".to_owned(),
            "a.!.c".to_owned(),
            format!("{}.d", jwt(&json!({ "exp": 1 }))),
            String::new(),
        ] {
            assert_eq!(until_ms(&none), None, "{none}");
        }
    }
}
