use super::*;
use crate::project::Catalog;

fn guessed(text: &str) -> Guess {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), text).unwrap();
    let dataset = Dataset::load("d.csv", &Catalog::new(folder.path(), false)).unwrap();
    guess(&dataset, None)
}

#[test]
fn a_support_export_is_understood() {
    let mut text = String::from("Ticket ID,Subject text,lang,Customer,created,Category\n");
    for n in 0..12 {
        let (lang, who) = (["en", "de"][n % 2], n % 5);
        let class = ["bug", "billing", "how to"][n % 3];
        text += &format!("T-{n},it broke {n} times today,{lang},c{who},2026-01-{n:02},{class}\n");
    }
    let guess = guessed(&text);
    assert_eq!(guess.id.as_deref(), Some("Ticket ID"));
    assert_eq!(guess.target.as_deref(), Some("Category"));
    assert_eq!(guess.input.as_deref(), Some("Subject text"));
    assert_eq!(guess.group.as_deref(), Some("Customer"));
    assert_eq!(guess.tags, ["lang"]);
}

#[test]
fn questions_and_answers_need_nothing_else() {
    let guess = guessed("question,answer\nWhat is 1 + 1?,2\nWhat is 2 + 1?,3\n");
    assert_eq!(guess.input.as_deref(), Some("question"));
    assert_eq!(guess.target.as_deref(), Some("answer"));
    assert_eq!((guess.id, guess.group, guess.tags.len()), (None, None, 0));
}

#[test]
fn an_id_that_repeats_is_none_and_a_target_may_be_missing() {
    let guess = guessed("id_of_user,note\nu1,first note\nu1,second note\nu2,third note\n");
    assert_eq!(guess.id, None);
    assert_eq!(guess.target, None);
    assert_eq!(guess.input.as_deref(), Some("note"));
    assert_eq!(guess.group.as_deref(), Some("id_of_user"));
}

#[test]
fn a_name_is_its_words() {
    assert_eq!(words("ticketId"), ["ticket", "id"]);
    assert_eq!(words("Expected-label "), ["expected", "label"]);
    assert_eq!(words("ID"), ["id"]);
}

#[test]
fn what_the_user_says_is_not_guessed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("d.csv"),
        "text,label,mark\na b c,x,1\nd e f,y,2\n",
    )
    .unwrap();
    let dataset = Dataset::load("d.csv", &Catalog::new(folder.path(), false)).unwrap();
    let guess = guess(&dataset, Some("mark"));
    assert_eq!(guess.target.as_deref(), Some("mark"));
    assert_eq!(guess.input.as_deref(), Some("text"));
}
