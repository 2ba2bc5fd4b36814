//! The workflows and users that the platform has. All of it invented.

use super::{Ending, Form, Model, Node, Variable};

/// Who may act. `1` sees everything, `2` what is theirs, `3` has nothing.
pub(crate) const USERS: &[&str] = &["1", "2", "3"];

const fn text(name: &'static str) -> Variable {
    Variable {
        name,
        form: Form::Text,
        default: None,
    }
}

const fn or(mut variable: Variable, form: Form, default: &'static str) -> Variable {
    variable.form = form;
    variable.default = Some(default);
    variable
}

const fn node(name: &'static str, result: &'static str, designated: bool) -> Node {
    Node {
        name,
        result,
        designated,
    }
}

const fn model(id: &'static str, name: &'static str, ending: Ending) -> Model {
    Model {
        id,
        name,
        owner: "1",
        status: "DEFAULT",
        ending,
        variables: &[],
        nodes: &[],
    }
}

/// Every workflow.
pub(crate) static MODELS: [Model; 7] = [
    Model {
        variables: &[
            text("DPA_MODEL_WORKDIR"),
            text("TARGET_HOST"),
            or(text("RETAIN_DAYS"), Form::Integer, "7"),
            or(text("FORCE"), Form::Boolean, "false"),
        ],
        nodes: &[
            node("查询磁盘", "{TARGET_HOST}:{DPA_MODEL_WORKDIR}", false),
            node("清理脚本", "已清理，保留 {RETAIN_DAYS} 天，强制 {FORCE} ", true),
        ],
        ..model("md20240001", "磁盘清理", Ending::Finish)
    },
    // Two nodes of one name.
    Model {
        nodes: &[
            node("巡检", "第一机房正常", false),
            node("巡检", "第二机房正常", true),
        ],
        ..model("md20240002", "每日巡检报表", Ending::Finish)
    },
    Model {
        variables: &[text("STANDBY_DB")],
        nodes: &[node("切换", "{STANDBY_DB}", true)],
        ..model("md20240003", "数据库切换演练", Ending::Fail)
    },
    model("md20240004", "长时间监听", Ending::Never),
    // In lower case, as the document's table has it; cannot be executed.
    Model {
        status: "pending",
        ..model("md20240005", "待审批变更", Ending::Finish)
    },
    Model {
        owner: "2",
        nodes: &[node("采集", "{\"设备\": 9007199254740993}", true)],
        ..model("md20240006", "网络拓扑采集", Ending::Finish)
    },
    // An id that has to be encoded in a path.
    Model {
        nodes: &[node("编码", "100%", true)],
        ..model("流程/A+1 #7?", "编码测试", Ending::Finish)
    },
];

/// The workflow of that id.
pub(crate) fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}
