//! AWS's own client for Python, as a client that is not ours.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use crate::setpoint::Setpoint;
use serde_json::{Value, json};

use crate::moto;
use crate::process::python_directory;

/// One account of one endpoint, seen through boto3.
///
/// boto3 checks its arguments against AWS's published models, and never retries
/// here: what it is answered is what it returns.
#[derive(Clone, Debug)]
pub struct Boto {
    endpoint: String,
    account: Option<String>,
    credentials: Option<(String, String, Option<String>)>,
}

impl Boto {
    /// A client of moto itself in the given account: neither seen nor slowed by a proxy.
    pub fn direct(account: &str) -> Boto {
        Boto {
            endpoint: format!("http://{}", moto::address()),
            account: Some(account.to_owned()),
            credentials: None,
        }
    }

    /// A client of whatever listens at `endpoint`, which knows the account itself.
    pub fn at(endpoint: &str) -> Boto {
        Boto {
            endpoint: endpoint.to_owned(),
            account: None,
            credentials: None,
        }
    }

    /// The same endpoint, called by whom the access key is of.
    pub fn with_key(&self, key: &str, secret: &str) -> Boto {
        Boto {
            credentials: Some((key.to_owned(), secret.to_owned(), None)),
            ..self.clone()
        }
    }

    /// The same endpoint, called in a session of a role, which is assumed for that; a role that was
    /// made just now can be assumed only some seconds later.
    #[track_caller]
    pub fn assuming(&self, role: &str) -> Boto {
        let asked = json!({"RoleArn": role, "RoleSessionName": "test"});
        let until = Instant::now() + Duration::from_secs(10);
        let session = loop {
            match self.call("sts", "assume_role", asked.clone()) {
                Ok(session) => break session,
                Err(error) if error.code == "AccessDenied" && Instant::now() < until => {}
                Err(error) => panic!("{role}: {error}"),
            }
        };
        let text = |name: &str| {
            let text = session["Credentials"][name].as_str();
            text.expect("a session has credentials").to_owned()
        };
        let (key, secret) = (text("AccessKeyId"), text("SecretAccessKey"));
        Boto {
            credentials: Some((key, secret, Some(text("SessionToken")))),
            ..self.clone()
        }
    }

    /// A place whose programs call with the same credentials.
    pub fn place(&self, place: Setpoint) -> Setpoint {
        let Some((key, secret, token)) = &self.credentials else {
            return place;
        };
        let place = place
            .environment("AWS_ACCESS_KEY_ID", key)
            .environment("AWS_SECRET_ACCESS_KEY", secret);
        match token {
            Some(token) => place.environment("AWS_SESSION_TOKEN", token),
            None => place,
        }
    }

    /// Calls `boto3.client(service).method(**arguments)`.
    ///
    /// Times come as RFC 3339 strings and blobs as base64.
    pub fn call(&self, service: &str, method: &str, arguments: Value) -> Result<Value, BotoError> {
        let mut answer = python().ask(json!({
            "endpoint": self.endpoint,
            "account": self.account,
            "credentials": self.credentials,
            "service": service,
            "method": method,
            "arguments": arguments,
        }));
        if let Some(error) = answer.get("error") {
            return Err(BotoError {
                code: error["code"].as_str().unwrap_or_default().to_owned(),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
                status: u16::try_from(error["status"].as_u64().unwrap_or(0)).unwrap_or(0),
            });
        }
        Ok(answer["answer"].take())
    }

    /// As [`Boto::call`], where an error means that the test itself is wrong.
    #[track_caller]
    pub fn expect(&self, service: &str, method: &str, arguments: Value) -> Value {
        match self.call(service, method, arguments) {
            Ok(answer) => answer,
            Err(error) => panic!("{service} {method}: {error}"),
        }
    }
}

/// What AWS refused, or what boto3 refused to send (then with status 0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotoError {
    /// The error's code, such as `NoSuchEntity`; boto3's own errors have their class's name.
    pub code: String,
    /// The error's words.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
}

impl fmt::Display for BotoError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} ({}): {}",
            self.code, self.status, self.message
        )
    }
}

impl std::error::Error for BotoError {}

/// The one python process, which starts slowly and answers quickly.
struct Python {
    input: Mutex<(u64, ChildStdin)>,
    waiting: Mutex<HashMap<u64, Sender<Value>>>,
    _process: Mutex<Child>,
}

fn python() -> &'static Python {
    static PYTHON: OnceLock<Python> = OnceLock::new();
    static READER: OnceLock<()> = OnceLock::new();
    let mut output = None;
    let python = PYTHON.get_or_init(|| {
        let mut process = Command::new(moto::python())
            .arg(python_directory().join("client.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual environment's python starts");
        output = process.stdout.take();
        Python {
            input: Mutex::new((0, process.stdin.take().expect("standard input is piped"))),
            waiting: Mutex::default(),
            _process: Mutex::new(process),
        }
    });
    if let Some(output) = output {
        READER.get_or_init(|| {
            std::thread::spawn(move || python.read(output));
        });
    }
    python
}

impl Python {
    fn ask(&self, mut request: Value) -> Value {
        let (answer, answered) = channel();
        {
            let mut input = self.input.lock().expect("no writer panics");
            input.0 += 1;
            let number = input.0;
            request["id"] = json!(number);
            self.waiting
                .lock()
                .expect("no reader panics")
                .insert(number, answer);
            writeln!(input.1, "{request}").expect("the python process lives");
        }
        answered.recv().expect("the python process answers")
    }

    fn read(&self, output: ChildStdout) {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let answer: Value = serde_json::from_str(&line).expect("an answer is a line of JSON");
            let number = answer["id"]
                .as_u64()
                .expect("an answer bears its request's id");
            let asker = self
                .waiting
                .lock()
                .expect("no reader panics")
                .remove(&number);
            // An asker that panicked meanwhile wants no answer.
            if let Some(asker) = asker {
                let _ = asker.send(answer);
            }
        }
        // The process is gone: whoever still waits must hear of it.
        self.waiting.lock().expect("no reader panics").clear();
    }
}
