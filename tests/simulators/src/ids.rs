//! Ids that look like the vendors'.

/// Odd, with bits all over: multiples of it are distinct and look random.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// The id of the n-th thing, as 32 hexadecimal digits.
pub(crate) fn hex(n: u64) -> String {
    format!("{:032x}", SPREAD.wrapping_mul(u128::from(n)))
}

/// The id of the n-th thing, in the form of a UUID.
pub(crate) fn uuid(n: u64) -> String {
    let hex = hex(n);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
