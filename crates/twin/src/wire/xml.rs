//! XML answers, by shape, in the way of most services and in EC2's.

use super::stamp;
use crate::model::{Kind, Service};
use serde_json::Value;

/// The answer of an action in the way of most services.
pub(super) fn query(
    service: &Service,
    action: &str,
    shape: Option<&str>,
    output: &Value,
    request_id: &str,
) -> Vec<u8> {
    let mut xml = Xml::new(service);
    xml.root(&format!("{action}Response"), |xml| {
        if let Some(shape) = shape {
            xml.element(&format!("{action}Result"), |xml| xml.value(shape, output));
        }
        xml.element("ResponseMetadata", |xml| xml.leaf("RequestId", request_id));
    });
    xml.text.into_bytes()
}

/// The answer of an action of EC2's.
pub(super) fn ec2(
    service: &Service,
    action: &str,
    shape: Option<&str>,
    output: &Value,
    request_id: &str,
) -> Vec<u8> {
    let mut xml = Xml::new(service);
    xml.text.push_str(DECLARATION);
    xml.root(&format!("{action}Response"), |xml| {
        xml.leaf("requestId", request_id);
        match shape {
            Some(shape) => xml.value(shape, output),
            None => xml.leaf("return", "true"),
        }
    });
    xml.text.into_bytes()
}

/// A refusal in the way of most services.
pub(super) fn query_error(
    service: Option<&Service>,
    kind: &str,
    code: &str,
    message: &str,
    request_id: &str,
) -> Vec<u8> {
    let mut xml = Xml {
        service,
        text: String::new(),
    };
    xml.root("ErrorResponse", |xml| {
        xml.element("Error", |xml| {
            xml.leaf("Type", kind);
            xml.leaf("Code", code);
            xml.leaf("Message", message);
        });
        xml.leaf("RequestId", request_id);
    });
    xml.text.into_bytes()
}

/// A refusal of EC2's.
pub(super) fn ec2_error(code: &str, message: &str, request_id: &str) -> Vec<u8> {
    let mut xml = Xml {
        service: None,
        text: DECLARATION.to_owned(),
    };
    xml.element("Response", |xml| {
        xml.element("Errors", |xml| {
            xml.element("Error", |xml| {
                xml.leaf("Code", code);
                xml.leaf("Message", message);
            });
        });
        xml.leaf("RequestID", request_id);
    });
    xml.text.into_bytes()
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

struct Xml<'a> {
    service: Option<&'a Service>,
    text: String,
}

impl<'a> Xml<'a> {
    fn new(service: &'a Service) -> Xml<'a> {
        Xml {
            service: Some(service),
            text: String::new(),
        }
    }

    fn root(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.text.push_str(&format!("<{name}"));
        if let Some(namespace) = self.service.and_then(|it| it.namespace) {
            let namespace = namespace.trim_end_matches('/');
            self.text.push_str(&format!(" xmlns=\"{namespace}/\""));
        }
        self.text.push('>');
        inside(self);
        self.text.push_str(&format!("</{name}>"));
    }

    fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let start = self.text.len();
        self.text.push_str(&format!("<{name}>"));
        let empty = self.text.len();
        inside(self);
        if self.text.len() == empty {
            self.text.truncate(start);
            self.text.push_str(&format!("<{name}/>"));
        } else {
            self.text.push_str(&format!("</{name}>"));
        }
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.escaped(text));
    }

    fn value(&mut self, shape: &str, value: &Value) {
        let Some(service) = self.service else { return };
        match (&service.shape(shape).kind, value) {
            (Kind::Object(members, _), value) => {
                for member in members {
                    if let Some(value) = value.get(member.name).filter(|it| !it.is_null()) {
                        self.element(member.in_xml(), |xml| xml.value(member.shape, value));
                    }
                }
            }
            (Kind::List(element, name), Value::Array(list)) => {
                for value in list {
                    self.element(name, |xml| xml.value(element, value));
                }
            }
            (Kind::Map(_, shape), Value::Object(map)) => {
                for (key, value) in map {
                    self.element("entry", |xml| {
                        xml.leaf("key", key);
                        xml.element("value", |xml| xml.value(shape, value));
                    });
                }
            }
            (Kind::Moment, value) => {
                let thousandths =
                    matches!(service.name, "ec2" | "autoscaling" | "elasticloadbalancing");
                self.text.push_str(&stamp::write(value, thousandths));
            }
            (Kind::Decimal, Value::Number(number)) => {
                let number = number.as_f64().unwrap_or_default();
                self.text.push_str(&format!("{number:?}"));
            }
            (_, Value::String(text)) => self.escaped(text),
            (_, value) => self.escaped(&value.to_string()),
        }
    }

    fn escaped(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\r' => self.text.push_str("&#xD;"),
                // XML has no way to write these.
                letter if letter < ' ' && !matches!(letter, '\n' | '\t') => {}
                letter => self.text.push(letter),
            }
        }
    }
}
