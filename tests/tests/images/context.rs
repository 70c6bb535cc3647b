//! Folders that are not what a build expects.

use crate::place::{Place, STACK, says, unpack};
use setpoint_tests::{Stack, parts, setpoint};
use std::{
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
    },
};

#[test]
fn links_pipes_empty_folders_and_names_that_are_no_text_are_built_as_they_are() {
    let place = Place::new();
    let dockerfile = "FROM scratch\nCOPY . /\n";
    fs::write(place.file("Dockerfile"), dockerfile).expect("the context can be written to");
    fs::create_dir(place.file("empty")).expect("the context can be written to");
    // A build that followed it would carry a file of this machine's away.
    let secret = place.setpoint.home().join("secret");
    fs::write(&secret, "keep this").expect("a home can be written to");
    symlink(&secret, place.file("leads-out")).expect("the context can be written to");
    symlink("..", place.file("leads-up")).expect("the context can be written to");
    symlink("index.html", place.file("leads-in")).expect("the context can be written to");
    let latin = OsStr::from_bytes(b"caf\xe9");
    fs::write(place.file("index.html").with_file_name(latin), "one").expect("it is a name");
    let pipe = place.file("pipe").display().to_string();
    parts::run("mkfifo", &[&pipe]);

    place.apply().exits(0);
    let taken = tempfile::tempdir().expect("a temporary directory");
    let (layout, root) = (taken.path().join("layout"), taken.path().join("root"));
    let digest = place.digest();
    place.front.behind().take(&format!("web@{digest}"), &layout);
    unpack(&layout, &root);
    assert!(root.join("empty").is_dir());
    assert!(!root.join("pipe").exists());
    assert_eq!(fs::read(root.join(latin)).expect("it was copied"), b"one");
    for (link, leads) in [
        ("leads-out", secret.as_path()),
        ("leads-up", "..".as_ref()),
        ("leads-in", "index.html".as_ref()),
    ] {
        let found = fs::read_link(root.join(link)).expect("a link stays a link");
        assert_eq!(found, leads);
    }
    place.is_done();
    fs::write(place.file("index.html").with_file_name(latin), "two").expect("it is a name");
    place.plan().exits(2);
}

#[test]
fn a_folder_that_cannot_be_read_is_told_by_every_command_that_looks_at_it() {
    let place = Place::new();
    let named = |context: &str, more: &str| {
        let to = format!("context: {context}\n{more}");
        Stack::of(STACK.replace("context: page\n", &to))
    };
    let pipe = place.file("pipe").display().to_string();
    parts::run("mkfifo", &[&pipe]);
    for (stack, words) in [
        (named("nowhere", ""), "there is no folder"),
        (named("stack.yaml", ""), "there is no folder"),
        (
            named("page", "    dockerfile: Nofile\n"),
            "there is no Dockerfile",
        ),
        (
            named("page", "    dockerfile: pipe\n"),
            "there is no Dockerfile",
        ),
    ] {
        place.stack(&stack);
        says(&place.plan().exits(1), &[words]);
        says(&place.apply().exits(1), &[words]);
    }
    place.stack(&Stack::of(STACK));
    let rules = place.file(".dockerignore").display().to_string();
    for (rule, words) in [("[", "is no pattern"), ("[z-a]", "is no pattern")] {
        fs::write(&rules, rule).expect("the context can be written to");
        says(&place.plan().exits(1), &[".dockerignore", words]);
    }
    fs::remove_file(&rules).expect("it is there");
    parts::run("mkfifo", &[&rules]);
    says(&place.plan().exits(1), &[".dockerignore", "it is no file"]);
    fs::remove_file(&rules).expect("it is there");
    // A folder that leaves itself out altogether still has its Dockerfile.
    fs::write(&rules, "*\n").expect("the context can be written to");
    fs::write(place.file("Dockerfile"), "FROM scratch\nLABEL empty=yes\n").expect("it is ours");
    place.apply().exits(0);
    place.is_done();
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let place = Place::new();
    let secret = place.file("secret");
    fs::write(&secret, "keep this").expect("the context can be written to");
    let nobody = fs::Permissions::from_mode(0o000);
    fs::set_permissions(&secret, nobody).expect("it is ours");
    let binary = setpoint::binary().display().to_string();
    let outcome = match fs::read(&secret) {
        Err(_) => place.setpoint.run(&["plan"]),
        // Root may read everything, unless it gives that up.
        Ok(_) => {
            let without = "--bounding-set=-dac_override,-dac_read_search";
            let arguments = [without, &binary, "plan"];
            place.setpoint.start_program("setpriv", &arguments).wait()
        }
    };
    says(&outcome.exits(1), &["page/secret: Permission denied"]);
    // What is left out is not read.
    fs::write(place.file(".dockerignore"), "secret\n").expect("the context can be written to");
    place.plan().exits(2);
}
