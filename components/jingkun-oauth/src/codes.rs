//! The vendor's codes, as both documents list them.

use patchbay_sdk::codes::{FailureKind, VendorCode};

/// Section 响应状态码说明, at the end of both documents.
///
/// It doesn't say which of them are HTTP statuses and which are members of the body. The tables of single
/// operations call `997` just a failure (失败).
pub const CODES: &[VendorCode] = &[
    VendorCode {
        code: "400",
        meaning: "参数校验异常",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "403",
        meaning: "身份验证失败",
        kind: FailureKind::Unauthorized,
    },
    VendorCode {
        code: "404",
        meaning: "请求路径异常",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "500",
        meaning: "服务器内部错误",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "503",
        meaning: "服务器异常未发现",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "997",
        meaning: "未知错误",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "998",
        meaning: "用户不存在",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "999",
        meaning: "业务逻辑异常",
        kind: FailureKind::Rejected,
    },
];
