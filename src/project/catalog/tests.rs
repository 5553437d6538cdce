use super::*;
use std::fs;

fn project() -> (tempfile::TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("p");
    fs::create_dir_all(root.join("prompts")).unwrap();
    fs::create_dir_all(root.join("datasets/tickets")).unwrap();
    fs::write(root.join("prompts/triage.yaml"), "messages: []\n").unwrap();
    fs::write(root.join("datasets/tickets/data.csv"), "a\n1\n").unwrap();
    fs::write(root.join("latin.txt"), b"one\ntw\xf6\n").unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let catalog = Catalog::new(&root, false);
    (folder, catalog)
}

#[test]
fn files_of_the_project_are_read() {
    let (_folder, catalog) = project();
    let source = catalog.text("prompts/triage.yaml").unwrap();
    assert_eq!(
        (source.name.as_str(), source.text.as_str()),
        ("prompts/triage.yaml", "messages: []\n")
    );
    assert!(catalog.text("./prompts/../prompts/triage.yaml").is_ok());
    assert!(catalog.is_folder("datasets/tickets") && !catalog.is_folder("latin.txt"));
    assert!(
        catalog
            .bytes("prompts/triage.yaml", 5)
            .unwrap_err()
            .title
            .contains("larger")
    );
    let entries = catalog.list("datasets").into_iter();
    let mut own = entries.filter(|entry| entry.origin == Origin::Project);
    assert_eq!(own.next().unwrap().path, "datasets/tickets/data.csv");
    assert!(own.next().is_none());
}

#[test]
fn a_missing_file_names_the_nearest() {
    let (_folder, catalog) = project();
    let problem = catalog.text("prompts/triag.yaml").unwrap_err();
    assert_eq!(problem.title, "there is no file `prompts/triag.yaml`");
    assert_eq!(problem.help, ["did you mean `prompts/triage.yaml`?"]);
    let problem = catalog.text("prompts/other.hbs").unwrap_err();
    assert_eq!(problem.help, ["there are: prompts/triage.yaml"]);
    let problem = catalog.text("latin.txt").unwrap_err().draw(false);
    assert!(problem.contains("latin.txt:2:3"), "{problem}");
}

#[cfg(unix)]
#[test]
fn nothing_outside_is_read() {
    use std::os::unix::fs::symlink;
    let (folder, catalog) = project();
    let root = catalog.root().to_owned();
    symlink(folder.path().join("secret.txt"), root.join("link.txt")).unwrap();
    symlink(folder.path(), root.join("up")).unwrap();
    symlink("prompts/triage.yaml", root.join("inside.yaml")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    let absolute = folder.path().join("secret.txt");
    let absolute = absolute.to_str().unwrap();
    for path in [
        "../secret.txt",
        "prompts/../../secret.txt",
        "link.txt",
        "up/secret.txt",
        absolute,
        "/proc/self/environ",
        "/etc/passwd",
        "../nothing",
        "/nothing",
        "a\0b",
        "",
        "..",
        ".",
        "prompts",
        "loop",
        "up/../secret.txt",
        "%2e%2e/secret.txt",
        "..\\secret.txt",
        "\u{ff0e}\u{ff0e}/secret.txt",
        "file:///etc/passwd",
        "~/secret.txt",
    ] {
        assert!(catalog.text(path).is_err(), "{path}");
    }
    assert!(
        catalog
            .text("../nothing")
            .unwrap_err()
            .title
            .contains("outside")
    );
    assert!(catalog.text("inside.yaml").is_ok());
    let open = Catalog::new(&root, true);
    for path in ["../secret.txt", "link.txt", absolute] {
        assert!(open.text(path).is_ok(), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_does_not_hang() {
    let (_folder, catalog) = project();
    let pipe = catalog.root().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        assert!(catalog.text("pipe").unwrap_err().title.contains("no file"));
    }
}
