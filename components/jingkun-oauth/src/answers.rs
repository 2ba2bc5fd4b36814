//! What both documents' answers are made of.

use patchbay_sdk::Schema;
use patchbay_sdk::shape::Shape;

/// Whatever the vendor answers. The documents show nothing, or something that can't be right.
#[derive(Debug)]
pub struct Unspecified;

impl Schema for Unspecified {
    const SHAPE: &'static Shape = &Shape::Any;
}

/// A variable of a workflow.
#[derive(Debug, Schema)]
pub struct Variable {
    /// Its name, and so a key of `mapParam` where workflows are executed: `DPA_MODEL_WORKDIR`.
    #[schema(title = "字段名")]
    pub name: Option<String>,
    /// Kind of execution that it belongs to, `running`; not the type of its value.
    #[schema(title = "类型", rename = "type")]
    pub kind: Option<String>,
}

/// What a node of a workflow has put out.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Output {
    /// Name of the node. Names may repeat.
    #[schema(title = "节点名称")]
    pub node_name: Option<String>,
    /// Output of the node.
    #[schema(title = "节点出参值")]
    pub result: Option<String>,
}
