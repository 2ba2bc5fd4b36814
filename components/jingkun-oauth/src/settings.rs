//! The settings that both connectors have.

use patchbay_sdk::Setting;
use patchbay_sdk::settings::BOOLEAN;

/// Identifies the application.
pub const CLIENT_ID: Setting = Setting::required(
    "client_id",
    "Application ID (应用ID), from the platform's Security Centre, third-party applications",
);

/// Authenticates the application.
pub const CLIENT_SECRET: Setting = Setting::required(
    "client_secret",
    "Application secret (应用secret), from the same place",
)
.secret();

/// What the token is good for.
pub const SCOPE: Setting = Setting::optional("scope", "Scope of the token: default or all")
    .default("default")
    .schema(r#"{"type":"string","enum":["default","all"]}"#);

/// Whom the token stands for.
pub const USER_ID: Setting = Setting::optional(
    "user_id",
    "uniqueID of the platform's user to act as; without it the platform decides",
);

/// A switch for platforms that want what the documents' examples show.
pub const STRINGIFY_SCALARS: Setting = Setting::optional(
    "stringify_scalars",
    "true sends booleans and integers in JSON bodies as strings, as the vendor's examples do",
)
.default("false")
.schema(BOOLEAN);
