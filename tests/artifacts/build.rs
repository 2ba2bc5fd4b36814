//! Builds the components for `wasm32-wasip2`, in a target folder of their own, which all profiles of the
//! workspace share.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const TARGET: &str = "wasm32-wasip2";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    for watched in [
        "components",
        "wit",
        "tests/guests",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let target = out
        .ancestors()
        .nth(4)
        .ok_or("OUT_DIR isn't in a target folder")?
        .join("guests");
    let connectors = components(&root.join("components"))?;
    let mut groups = vec![("CONNECTORS", connectors)];
    if env::var_os("CARGO_FEATURE_GUESTS").is_some() {
        groups.push(("GUESTS", components(&root.join("tests/guests"))?));
    }
    install_target(&root)?;
    build(&root, &target, groups.iter().flat_map(|(_, packages)| packages))?;

    let mut code = String::new();
    for (name, packages) in groups {
        writeln!(code, "const {name}: &[(&str, &str)] = &[")?;
        for package in packages {
            let file = target
                .join(TARGET)
                .join("guest")
                .join(format!("{}.wasm", package.replace('-', "_")));
            if !file.is_file() {
                return Err(format!("{} wasn't built", file.display()).into());
            }
            writeln!(code, "    ({package:?}, {:?}),", file.display().to_string())?;
        }
        writeln!(code, "];")?;
    }
    fs::write(out.join("artifacts.rs"), code)?;
    Ok(())
}

/// The packages in a folder that are components.
fn components(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let manifest = entry.path().join("Cargo.toml");
        if manifest.is_file() && fs::read_to_string(manifest)?.contains("\"cdylib\"") {
            packages.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    packages.sort();
    Ok(packages)
}

/// Installs the wasm target of the toolchain that builds, where it is missing.
fn install_target(root: &Path) -> Result<(), Box<dyn Error>> {
    let rustc = env::var("RUSTC")?;
    let sysroot = Command::new(rustc)
        .args(["--print", "sysroot"])
        .current_dir(root)
        .output()?;
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim());
    if sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    let toolchain = sysroot.file_name().ok_or("the toolchain has no name")?;
    let status = Command::new("rustup")
        .args(["target", "add", TARGET, "--toolchain"])
        .arg(toolchain)
        .current_dir(root)
        .status()
        .map_err(|error| {
            format!("the target {TARGET} is missing, and rustup can't be run to install it: {error}")
        })?;
    if status.success() {
        Ok(())
    } else {
        Err(format!(
            "the target {TARGET} is missing, and rustup can't install it; try: rustup target add {TARGET}"
        )
        .into())
    }
}

fn build<'a>(
    root: &Path,
    target: &Path,
    packages: impl Iterator<Item = &'a String>,
) -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo
        .current_dir(root)
        .args([
            "build",
            "--locked",
            "--profile",
            "guest",
            "--target",
            TARGET,
            "--target-dir",
        ])
        .arg(target);
    for package in packages {
        cargo.args(["--package", package]);
    }
    // What the outer build is told about its own target isn't meant for the components.
    for (name, _) in env::vars() {
        if name.starts_with("CARGO_PROFILE_")
            || name.starts_with("CARGO_CFG_")
            || name.starts_with("CARGO_FEATURE_")
        {
            cargo.env_remove(name);
        }
    }
    for name in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTC",
        "TARGET",
    ] {
        cargo.env_remove(name);
    }
    let status = cargo.status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the components can't be built; the messages above say why".into())
    }
}
