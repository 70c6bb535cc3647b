//! Conditions of policies.

use super::{context::Context, document::Condition, moment, pattern::Pattern};
use std::{cmp::Ordering, net::IpAddr};

/// How the values of a request and of a policy are set against each other.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    Single,
    ForAny,
    ForAll,
}

/// An operator, taken apart.
#[derive(Clone, Copy)]
struct Operator {
    set: Set,
    base: Base,
    not: bool,
    if_exists: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Base {
    Text { wild: bool, fold: bool },
    Arn,
    Number(Compare),
    Date(Compare),
    Bool,
    Address,
    Null,
}

#[derive(Clone, Copy, PartialEq)]
enum Compare {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether IAM knows an operator.
pub(super) fn is_operator(name: &str) -> bool {
    operator(name).is_some()
}

/// Whether a condition holds.
pub(super) fn holds(condition: &Condition, context: &Context, variables: bool) -> bool {
    let Some(operator) = operator(&condition.operator) else {
        return false;
    };
    let values = context.values(&condition.key).filter(|it| !it.is_empty());
    if operator.base == Base::Null {
        let absent = values.is_none().to_string();
        return condition
            .values
            .iter()
            .any(|it| it.eq_ignore_ascii_case(&absent));
    }
    let Some(values) = values else {
        let lenient = operator.set == Set::ForAll || operator.if_exists;
        return lenient || operator.not && operator.set == Set::Single;
    };
    let wanted = |value: &String| {
        let mut wanted = condition.values.iter();
        let one = wanted.any(|it| same(operator.base, it, value, context, variables));
        one != operator.not
    };
    match operator.set {
        Set::ForAll => values.iter().all(wanted),
        Set::ForAny => values.iter().any(wanted),
        Set::Single if operator.not => values.iter().all(wanted),
        Set::Single => values.iter().any(wanted),
    }
}

fn same(base: Base, wanted: &str, value: &str, context: &Context, variables: bool) -> bool {
    let pattern = |wild| match variables {
        true => Pattern::expand(wanted, context, wild),
        false => Pattern::expand(&wanted.replace("${", "${$}{"), context, wild),
    };
    match base {
        Base::Text { wild, fold } => pattern(wild).is_some_and(|it| it.matches(value, fold)),
        Base::Arn => pattern(true).is_some_and(|it| it.matches_arn(value)),
        Base::Bool => wanted.eq_ignore_ascii_case(value),
        Base::Address => within(wanted, value),
        Base::Number(compare) => {
            let numbers = value.parse::<f64>().ok().zip(wanted.parse::<f64>().ok());
            let order = numbers.and_then(|(value, wanted)| value.partial_cmp(&wanted));
            order.is_some_and(|it| compares(compare, it))
        }
        Base::Date(compare) => {
            let moments = moment::read(value).zip(moment::read(wanted));
            moments.is_some_and(|(value, wanted)| compares(compare, value.cmp(&wanted)))
        }
        Base::Null => false,
    }
}

fn compares(compare: Compare, order: Ordering) -> bool {
    match compare {
        Compare::Equal => order.is_eq(),
        Compare::Less => order.is_lt(),
        Compare::LessOrEqual => order.is_le(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterOrEqual => order.is_ge(),
    }
}

/// Whether an address is within a range such as `10.0.0.0/8`.
fn within(range: &str, address: &str) -> bool {
    let (network, bits) = range.split_once('/').unwrap_or((range, "128"));
    let (Ok(network), Ok(address)) = (network.parse::<IpAddr>(), address.parse::<IpAddr>()) else {
        return false;
    };
    let Ok(bits) = bits.parse::<u32>() else {
        return false;
    };
    let high = |bits: u32, width: u32| width.saturating_sub(bits);
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let shift = high(bits, 32);
            let part = |it: u32| it.checked_shr(shift).unwrap_or(0);
            part(network.to_bits()) == part(address.to_bits())
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let shift = high(bits, 128);
            let part = |it: u128| it.checked_shr(shift).unwrap_or(0);
            part(network.to_bits()) == part(address.to_bits())
        }
        _ => false,
    }
}

fn operator(name: &str) -> Option<Operator> {
    let (set, name) = match name.split_once(':') {
        Some(("ForAnyValue", name)) => (Set::ForAny, name),
        Some(("ForAllValues", name)) => (Set::ForAll, name),
        Some(_) => return None,
        None => (Set::Single, name),
    };
    let bare = name.strip_suffix("IfExists");
    let (base, not) = base(bare.unwrap_or(name))?;
    let if_exists = bare.is_some();
    if base == Base::Null && if_exists {
        return None;
    }
    Some(Operator {
        set,
        base,
        not,
        if_exists,
    })
}

fn base(name: &str) -> Option<(Base, bool)> {
    use Compare::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let text = |wild, fold| Base::Text { wild, fold };
    Some(match name {
        "StringEquals" | "BinaryEquals" => (text(false, false), false),
        "StringNotEquals" => (text(false, false), true),
        "StringEqualsIgnoreCase" => (text(false, true), false),
        "StringNotEqualsIgnoreCase" => (text(false, true), true),
        "StringLike" => (text(true, false), false),
        "StringNotLike" => (text(true, false), true),
        "ArnEquals" | "ArnLike" => (Base::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Base::Arn, true),
        "NumericEquals" => (Base::Number(Equal), false),
        "NumericNotEquals" => (Base::Number(Equal), true),
        "NumericLessThan" => (Base::Number(Less), false),
        "NumericLessThanEquals" => (Base::Number(LessOrEqual), false),
        "NumericGreaterThan" => (Base::Number(Greater), false),
        "NumericGreaterThanEquals" => (Base::Number(GreaterOrEqual), false),
        "DateEquals" => (Base::Date(Equal), false),
        "DateNotEquals" => (Base::Date(Equal), true),
        "DateLessThan" => (Base::Date(Less), false),
        "DateLessThanEquals" => (Base::Date(LessOrEqual), false),
        "DateGreaterThan" => (Base::Date(Greater), false),
        "DateGreaterThanEquals" => (Base::Date(GreaterOrEqual), false),
        "Bool" => (Base::Bool, false),
        "IpAddress" => (Base::Address, false),
        "NotIpAddress" => (Base::Address, true),
        "Null" => (Base::Null, false),
        _ => return None,
    })
}
