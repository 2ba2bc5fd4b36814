//! `patchbay-simulator`: a vendor's simulator as a program.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use patchbay_simulators::{dabei, isearch_rpa, jingkun, jingkun_plan, jingkun_workflow, workorder};

/// Simulates a vendor's HTTP API on this machine until it is interrupted.
#[derive(Debug, Parser)]
#[command(version)]
struct Command {
    #[command(subcommand)]
    vendor: Vendor,
}

#[derive(Debug, Subcommand)]
enum Vendor {
    /// i-Search iS-RPA
    IsearchRpa(IsearchRpa),
    /// Dabei
    Dabei(Dabei),
    /// The unified work order centre
    Workorder(WorkOrder),
    /// JingKun workflows
    JingkunWorkflow(JingkunWorkflow),
    /// JingKun plans
    JingkunPlan(JingkunPlan),
}

#[derive(Debug, Args)]
struct IsearchRpa {
    /// Where to listen; port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:9101")]
    listen: SocketAddr,
    /// The access key it takes
    #[arg(long, default_value = isearch_rpa::ACCESS_KEY)]
    access_key: String,
    /// The secret key it takes
    #[arg(long, default_value = isearch_rpa::SECRET_KEY)]
    secret_key: String,
}

#[derive(Debug, Args)]
struct Dabei {
    /// Where to listen; port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:9102")]
    listen: SocketAddr,
    /// The client id it takes
    #[arg(long, default_value = dabei::CLIENT_ID)]
    client_id: String,
    /// The client secret it takes
    #[arg(long, default_value = dabei::CLIENT_SECRET)]
    client_secret: String,
    /// A header that every business call must have; may be given more than once
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    auth_header: Vec<(String, String)>,
    /// A query parameter that every business call must have; may be given more than once
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    auth_query: Vec<(String, String)>,
    /// Answer task.list with the envelope
    #[arg(long)]
    task_list_envelope: bool,
}

#[derive(Debug, Args)]
struct WorkOrder {
    /// Where to listen; port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:9103")]
    listen: SocketAddr,
    /// The appID it takes
    #[arg(long, default_value = workorder::APP_ID)]
    app_id: String,
    /// The secretKey that goes with the appID
    #[arg(long, default_value = workorder::APP_SECRET)]
    app_secret: String,
    /// The serverID it takes
    #[arg(long, default_value = workorder::SERVER_ID)]
    server_id: String,
    /// The secretKey that goes with the serverID
    #[arg(long, default_value = workorder::SERVER_SECRET)]
    server_secret: String,
    /// One more access token of the first user
    #[arg(long, default_value = workorder::ACCESS_TOKEN)]
    access_token: String,
    /// Refuse with HTTP 401 and 403, not 200
    #[arg(long)]
    http_refusals: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("not of the form NAME=VALUE")?;
    Ok((name.into(), value.into()))
}

#[derive(Debug, Args)]
struct JingkunWorkflow {
    /// Where to listen; port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:9104")]
    listen: SocketAddr,
    #[command(flatten)]
    client: JingkunClient,
}

#[derive(Debug, Args)]
struct JingkunPlan {
    /// Where to listen; port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:9105")]
    listen: SocketAddr,
    #[command(flatten)]
    client: JingkunClient,
}

#[derive(Debug, Args)]
struct JingkunClient {
    /// The client id it takes
    #[arg(long, default_value = jingkun::CLIENT_ID)]
    client_id: String,
    /// The client secret it takes
    #[arg(long, default_value = jingkun::CLIENT_SECRET)]
    client_secret: String,
}

impl JingkunClient {
    async fn serve<A: jingkun::Api>(
        self,
        listen: SocketAddr,
    ) -> std::io::Result<patchbay_simulators::Simulator<jingkun::Jingkun<A>>> {
        patchbay_simulators::Simulator::<jingkun::Jingkun<A>>::builder()
            .bind(listen)
            .client_id(self.client_id)
            .client_secret(self.client_secret)
            .start()
            .await
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patchbay-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> std::io::Result<()> {
    match command.vendor {
        Vendor::IsearchRpa(options) => {
            let simulator = isearch_rpa::Simulator::builder()
                .bind(options.listen)
                .access_key(options.access_key)
                .secret_key(options.secret_key)
                .start()
                .await?;
            println!(
                "isearch-rpa: base_url={} access_key={} secret_key={}",
                simulator.base_url(),
                simulator.access_key(),
                simulator.secret_key()
            );
            tokio::signal::ctrl_c().await
        }
        Vendor::Dabei(options) => {
            let simulator = dabei::Simulator::builder()
                .bind(options.listen)
                .client_id(options.client_id)
                .client_secret(options.client_secret)
                .auth_headers(options.auth_header)
                .auth_query(options.auth_query)
                .task_list_envelope(options.task_list_envelope)
                .start()
                .await?;
            println!(
                "dabei: base_url={} client_id={} client_secret={}",
                simulator.base_url(),
                simulator.client_id(),
                simulator.client_secret()
            );
            tokio::signal::ctrl_c().await
        }
        Vendor::JingkunWorkflow(options) => {
            let simulator: jingkun_workflow::Simulator = options.client.serve(options.listen).await?;
            println!(
                "jingkun-workflow: base_url={} client_id={} client_secret={} execute_urls={}",
                simulator.base_url(),
                simulator.client_id(),
                simulator.client_secret(),
                simulator.execute_urls()
            );
            tokio::signal::ctrl_c().await
        }
        Vendor::JingkunPlan(options) => {
            let simulator: jingkun_plan::Simulator = options.client.serve(options.listen).await?;
            println!(
                "jingkun-plan: base_url={} client_id={} client_secret={}",
                simulator.base_url(),
                simulator.client_id(),
                simulator.client_secret()
            );
            tokio::signal::ctrl_c().await
        }
        Vendor::Workorder(options) => {
            let simulator = workorder::Simulator::builder()
                .bind(options.listen)
                .app(&options.app_id, &options.app_secret)
                .service(&options.server_id, &options.server_secret)
                .token(&options.access_token, workorder::USER)
                .http_refusals(options.http_refusals)
                .start()
                .await?;
            println!(
                "workorder: base_url={} app_id={} app_secret={} server_id={} server_secret={} access_token={}",
                simulator.base_url(),
                options.app_id,
                options.app_secret,
                options.server_id,
                options.server_secret,
                options.access_token
            );
            tokio::signal::ctrl_c().await
        }
    }
}
