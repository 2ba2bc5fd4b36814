//! The vendor's codes, as its document lists them.

use patchbay_sdk::codes::{FailureKind, VendorCode};

/// Section API响应码, 接口响应状态码.
///
/// `404` is a general failure, not the HTTP status. With `5001`, `5002` and `5003` the vendor's own servers
/// fail.
pub const CODES: &[VendorCode] = &[
    VendorCode {
        code: "4000",
        meaning: "调用方式错误",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "4001",
        meaning: "没有权限",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "4002",
        meaning: "账号已被禁止",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "4004",
        meaning: "无效的accesstoken",
        kind: FailureKind::Unauthorized,
    },
    VendorCode {
        code: "404",
        meaning: "失败",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "4101",
        meaning: "参数错误",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "4200",
        meaning: "没找到用户",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "5001",
        meaning: "访问SSO服务失败",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "5002",
        meaning: "操作REDIS失败",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "5003",
        meaning: "操作MYSQL失败",
        kind: FailureKind::Rejected,
    },
];
