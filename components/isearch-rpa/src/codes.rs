//! The vendor's codes, as far as its document has them.

use patchbay_sdk::codes::{FailureKind, VendorCode};

/// The appendix that the document refers to (响应代码, 详见附录) is missing. These codes are in the examples of
/// sections 3.10.1 and 3.12.3; `1000x` is printed with the letter.
pub const CODES: &[VendorCode] = &[
    VendorCode {
        code: "4007",
        meaning: "Token 不合法",
        kind: FailureKind::Unauthorized,
    },
    VendorCode {
        code: "1000x",
        meaning: "文件不存在",
        kind: FailureKind::Rejected,
    },
];
