//! What is shown, in order.

use std::error::Error;
use std::time::Duration;

use patchbay_simulators::vendor::Vendor;
use patchbay_simulators::{Simulator, dabei, isearch_rpa, jingkun_plan, jingkun_workflow, workorder};
use serde_json::{Value, json};

use crate::build::Outputs;
use crate::inbox::Inbox;
use crate::player::Player;
use crate::terminal;

type Played = Result<(), Box<dyn Error>>;

/// Plays everything against the simulators.
pub(crate) async fn play(outputs: &Outputs) -> Played {
    let player = Player { outputs };
    terminal::heading("What there is");
    player.run(&["list"], 0)?;
    terminal::caption("One operation, as a caller sees it:");
    player.run(&["describe", "isearch-rpa", "robot.update"], 0)?;
    isearch_rpa(&player).await?;
    jingkun_workflow(&player).await?;
    jingkun_plan(&player).await?;
    dabei(&player).await?;
    workorder(&player).await
}

async fn isearch_rpa(player: &Player<'_>) -> Played {
    let sim = isearch_rpa::Simulator::start().await?;
    terminal::heading(&format!("i-Search iS-RPA, simulated at {}", sim.base_url()));
    let account = player.account(&sim);
    terminal::caption("Every request is signed; the login is the connector's business:");
    account.invoke("robot.list", r#"{"page":1,"size":1}"#)?;
    terminal::caption("All pages, one robot a line:");
    account.invoke_all("robot.list", r#"{"size":10}"#)?;
    terminal::caption("A change, and what it changed:");
    account.invoke(
        "robot.update",
        r#"{"id":"101","robotAlias":"财务一号 +/=~*%&?#"}"#,
    )?;
    account.invoke("robot.get", r#"{"id":"101"}"#)?;
    terminal::caption("A queue: what goes in comes out once:");
    let item = r#"{"queueName":"RPA_small","priority":"high","deadline":"2030-01-01 00:00:00","keys":[{"key":"invoice","value":"7"}]}"#;
    account.invoke("queue-item.create", item)?;
    account.invoke("queue-item.pop", r#"{"queueName":"RPA_small"}"#)?;
    account.invoke("queue-item.pop", r#"{"queueName":"RPA_small"}"#)?;
    terminal::caption("A file, in Base64:");
    account.invoke(
        "file.upload",
        r#"{"fileName":"你好.txt","content":"5L2g5aW9","userId":1}"#,
    )?;
    account.invoke("file.download", r#"{"fileName":"你好.txt","userId":1}"#)?;
    terminal::caption("A mistake is found before anything is sent (exit code 3):");
    account.invoke_failing("robot.list", r#"{"page":1,"size":"ten"}"#, 3)?;
    terminal::caption("The vendor says no, in its own words (exit code 4):");
    account.invoke_failing("asset.delete", r#"{"assetName":"no such variable"}"#, 4)?;
    no_rule_broken(&sim)
}

async fn jingkun_workflow(player: &Player<'_>) -> Played {
    let sim = jingkun_workflow::Simulator::start().await?;
    terminal::heading(&format!("JingKun workflows, simulated at {}", sim.base_url()));
    let account = player.account(&sim);
    account.invoke("workflow.list", "{}")?;
    terminal::caption("Run a workflow, and wait for its end and its outputs:");
    let variables = json!({ "DPA_MODEL_WORKDIR": "/var/log", "TARGET_HOST": "db-01" });
    let input = json!({ "processModelId": "md20240001", "mapParam": variables });
    account.invoke("workflow.run", &input.to_string())?;
    terminal::caption("Or let the vendor call back when it has ended:");
    let inbox = Inbox::open().await?;
    let input = json!({ "processModelId": "md20240002", "callbackUrl": inbox.url()? });
    account.invoke("workflow.execute", &input.to_string())?;
    let letter = inbox.receive().await?;
    terminal::caption("The callback has come. The connector tells what it means, and what to reply:");
    let said = player.run(&["callback", "jingkun-workflow", "--body", &letter.body], 0)?;
    letter
        .reply(&serde_json::from_str::<Value>(&said)?["reply"])
        .await?;
    for _ in 0..100 {
        if sim.callbacks().iter().any(|callback| callback.acknowledged) {
            terminal::caption("The vendor has read SUCCESS, and doesn't call again.");
            return no_rule_broken(&sim);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the callback wasn't acknowledged".into())
}

async fn jingkun_plan(player: &Player<'_>) -> Played {
    let sim = jingkun_plan::Simulator::start().await?;
    terminal::heading(&format!("JingKun plans, simulated at {}", sim.base_url()));
    let account = player.account(&sim);
    account.invoke("plan.list", "{}")?;
    account.invoke("plan.execute", r#"{"processPlanId":"pl20240002"}"#)?;
    no_rule_broken(&sim)
}

async fn dabei(player: &Player<'_>) -> Played {
    let sim = dabei::Simulator::start().await?;
    terminal::heading(&format!("Dabei, simulated at {}", sim.base_url()));
    let account = player.account(&sim);
    terminal::caption("A record has whatever fields its form has; numbers keep their digits:");
    let mut record = json!({ "app_id": dabei::APP, "form_id": dabei::FORM, "user_id": dabei::USER });
    record["title"] = "差旅费 & more".into();
    record["amount"] = serde_json::from_str("12345678901234567890.10")?;
    account.invoke("record.create", &record.to_string())?;
    let list = json!({ "app_id": dabei::APP, "form_id": dabei::FORM, "user_id": dabei::USER, "page_no": 1, "page_size": 1 });
    account.invoke("record.list", &list.to_string())?;
    terminal::caption("Something that the document leaves open isn't guessed (exit code 2):");
    let revoke = json!({
        "app_id": dabei::APP, "form_id": dabei::FORM, "record_id": dabei::FLOW_RECORD,
        "task_id": dabei::FLOW_TASK, "user_id": dabei::USER,
    });
    account.invoke_failing("task.revoke", &revoke.to_string(), 2)?;
    no_rule_broken(&sim)
}

async fn workorder(player: &Player<'_>) -> Played {
    let sim = workorder::Simulator::start().await?;
    terminal::heading(&format!("Work order centre, simulated at {}", sim.base_url()));
    let account = player.account(&sim);
    account.invoke("todo-task.list", r#"{"pageNum":1,"pageSize":1}"#)?;
    terminal::caption("Done here, and on to the next person:");
    let done =
        json!({ "taskId": workorder::TASK_ID, "procInsId": workorder::INSTANCE_ID, "comment": "已修复" });
    account.invoke("task.complete", &done.to_string())?;
    let approver = player
        .account(&sim)
        .with("access_token", workorder::APPROVER_TOKEN);
    approver.invoke("todo-task.list", r#"{"pageNum":1,"pageSize":1}"#)?;
    terminal::caption("A token that has ended (exit code 4):");
    let stranger = player.account(&sim).with("access_token", "token-of-nobody");
    stranger.invoke_failing("todo-task.list", r#"{"pageNum":1,"pageSize":1}"#, 4)?;
    no_rule_broken(&sim)
}

/// The simulators are as strict as the vendors would be.
fn no_rule_broken<V: Vendor>(sim: &Simulator<V>) -> Played {
    match sim.violations().as_slice() {
        [] => Ok(()),
        broken => Err(format!("the simulator saw rules broken: {broken:?}").into()),
    }
}
