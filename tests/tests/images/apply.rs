//! What is built, pushed and pinned, and when.

use crate::place::{Place, STACK, says, unpack, with_buildah, write_context};
use serde_json::json;
use setpoint_tests::{Asked, Proxy, Registry, Sandbox, Setpoint, Stack};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

#[test]
fn what_is_pushed_is_pinned_and_its_own_server_answers_with_the_page() {
    let place = Place::new();
    let day = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
    set_time(&place.file("index.html"), day);
    let outcome = place.apply().exits(0);
    says(
        &outcome,
        &["page │ STEP", "page │ pushed", "✓ image.page: created"],
    );
    assert_eq!(place.builds(), 1);
    let runs = place.runs().expect("there is a revision");
    let uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web@sha256:";
    assert!(runs.starts_with(uri), "{runs}");
    place.runs_what_is_tagged(&place.content_tag());

    let taken = tempfile::tempdir().expect("a temporary directory");
    let (layout, root) = (taken.path().join("layout"), taken.path().join("root"));
    let digest = place.digest();
    place.front.behind().take(&format!("web@{digest}"), &layout);
    let configuration = unpack(&layout, &root);
    let label = &configuration["config"]["Labels"]["io.setpoint.content"];
    let label = label.as_str().expect("it says what it was built from");
    assert!(
        place
            .content_tag()
            .ends_with(&label["sha256:".len()..][..32]),
        "{label}"
    );

    let page = fs::read_to_string(place.file("index.html")).expect("the page is there");
    assert_eq!(served(&root), page);
    assert!(page.contains("Flash sale"), "{page}");
    // Which its server tells browsers, that they may keep it.
    let shown = fs::metadata(root.join("www/index.html")).and_then(|it| it.modified());
    assert_eq!(shown.expect("it has a time"), day);
    place.is_done();
}

#[test]
fn what_did_not_change_is_neither_built_nor_pushed_and_a_tag_more_only_tags() {
    let place = Place::new();
    fs::write(place.file(".dockerignore"), "notes\n").expect("the context can be written to");
    fs::write(place.file("notes"), "one").expect("the context can be written to");
    place.apply().exits(0);
    let first = place.digest();
    place.front.taken();

    // Neither times nor what is left out are a change.
    fs::write(place.file("notes"), "two").expect("the context can be written to");
    for name in ["index.html", "busybox", "Dockerfile"] {
        set_time(&place.file(name), SystemTime::UNIX_EPOCH);
    }
    place.is_done();
    place.apply().exits(0);
    assert_eq!(place.builds(), 1);
    assert_eq!(place.digest(), first);
    assert!(!place.front.taken().iter().any(Asked::writes));

    let page = "<title>Flash sale</title>\n<p>Sold out.\n";
    fs::write(place.file("index.html"), page).expect("the context can be written to");
    let outcome = place.plan().exits(2);
    says(
        &outcome,
        &["image.page", "builds and pushes it", "taskDefinition.web"],
    );
    assert_eq!(place.builds(), 1, "a plan builds nothing");
    place.apply().exits(0);
    assert_eq!(place.builds(), 2);
    let second = place.digest();
    assert_ne!(second, first);
    place.is_done();
    place.front.taken();

    let tagged = STACK.replace("    context: page\n", "    context: page\n    tags: [v1]\n");
    place.stack(&Stack::of(tagged));
    says(&place.plan().exits(2), &["image.page"]);
    place.apply().exits(0);
    assert_eq!(place.builds(), 2, "a tag is no reason to build");
    let asked = place.front.taken();
    let writes: Vec<&Asked> = asked.iter().filter(|it| it.writes()).collect();
    assert!(matches!(writes.as_slice(), [it] if it.tags()), "{writes:?}");
    place.runs_what_is_tagged("v1");
    assert_eq!(place.digest(), second);
    place.is_done();
}

#[test]
fn only_the_parts_that_the_registry_lacks_are_uploaded() {
    let mut place = Place::new();
    place.setpoint = place.setpoint.environment("BUILDAH_LAYERS", "true");
    place.apply().exits(0);
    let uploads = |asked: Vec<Asked>| asked.iter().filter(|it| it.uploads()).count();
    // The server, the page and the configuration.
    assert_eq!(uploads(place.front.taken()), 3);
    fs::write(place.file("index.html"), "Sold out.").expect("the context can be written to");
    place.apply().exits(0);
    assert_eq!(uploads(place.front.taken()), 2, "the server is there");
    place.is_done();
}

#[test]
fn a_changed_page_is_built_and_rolls_the_service_that_shows_it() {
    let mut place = Place::new();
    place.sandbox = Sandbox::start(&["--speed", "600"]);
    let endpoint = place.sandbox.endpoint().to_owned();
    place.setpoint = place.setpoint.environment("AWS_ENDPOINT_URL", &endpoint);
    let stack = Stack::flash_sale().replacing("context: examples/flash-sale", "context: page");
    place.stack(&stack);
    place.apply().exits(0);
    place.is_done();
    fs::write(place.file("index.html"), "Sold out.").expect("the context can be written to");
    let outcome = place.plan().exits(2);
    println!("{}", outcome.stdout);
    let roll = [
        "image.webapp",
        "builds and pushes it",
        "service.flash-sale-service",
    ];
    says(&outcome, &roll);
    place.apply().exits(0);
    assert_eq!(place.builds(), 2);
    let asked = json!({ "cluster": "flash-sale-cluster", "services": ["flash-sale-service"] });
    let shown = place.boto().expect("ecs", "describe_services", asked);
    let definition = shown["services"][0]["taskDefinition"].as_str();
    assert!(
        definition.is_some_and(|it| it.ends_with(":2")),
        "{definition:?}"
    );
    place.is_done();
}

#[test]
fn the_login_that_moto_hands_out_opens_a_registry_that_speaks_tls() {
    let proxy = Proxy::start();
    let registry = Registry::with_tls(&format!("{}-auth-token", proxy.account()));
    let place = with_buildah(Setpoint::against(&proxy));
    let place = place.environment("SETPOINT_REGISTRY", &registry.url());
    write_context(&place);
    place.write("stack.yaml", STACK);
    // Whose certificate is by an authority that nobody trusts is spoken to by nobody.
    let outcome = place.run(&["plan"]).exits(1);
    says(&outcome, &["certificate"]);
    let authority = registry
        .authority()
        .expect("it speaks TLS")
        .display()
        .to_string();
    let place = place.environment("SSL_CERT_FILE", &authority);
    place.run(&["apply", "--yes"]).exits(0);
    let asked = json!({ "taskDefinition": "web" });
    let shown = proxy
        .behind()
        .expect("ecs", "describe_task_definition", asked);
    let runs = shown["taskDefinition"]["containerDefinitions"][0]["image"].as_str();
    let (_, digest) = runs
        .and_then(|it| it.split_once('@'))
        .expect("it is pinned");
    let held = registry.manifest(&format!("web@{digest}"));
    assert_eq!(held.expect("it was pushed").1, digest);
    place.run(&["plan", "--detailed-exitcode"]).exits(0);
}

fn set_time(file: &Path, time: SystemTime) {
    let file = fs::File::options().append(true).open(file);
    let set = file.and_then(|it| it.set_modified(time));
    set.expect("the context is ours");
}

/// What the server of an unpacked image answers.
fn served(root: &Path) -> String {
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = port.local_addr().expect("a bound socket has an address");
    drop(port);
    let mut server = Command::new(root.join("busybox"))
        .args(["httpd", "-f", "-p", &address.to_string(), "-h"])
        .arg(root.join("www"))
        .stdin(Stdio::null())
        .spawn()
        .expect("what was pushed is a program");
    let answer = loop {
        if let Ok(mut stream) = TcpStream::connect(address) {
            let asked = stream.write_all(b"GET /index.html HTTP/1.0\r\n\r\n");
            let mut answer = String::new();
            let read = asked.and_then(|()| stream.read_to_string(&mut answer));
            break read.map(|_| answer);
        }
        let ended = server.try_wait().expect("a child can be waited for");
        assert!(ended.is_none(), "the server ended");
        std::thread::yield_now();
    };
    server.kill().expect("it runs");
    server.wait().expect("a child can be waited for");
    let answer = answer.expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("it speaks HTTP");
    assert!(head.contains(" 200 "), "{head}");
    body.to_owned()
}
