use trunkline_repository::RepositoryError;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_stack_goes_onto_a_trunk_that_moved() {
    let fixture = Fixture::new().await;
    let base = fixture.commit("base", &[("a.txt", "1\n2\n3\n"), ("b.txt", "b\n")]);
    fixture.git(&["checkout", "-q", "-b", "work"]);
    fixture.commit("first", &[("b.txt", "bb\n")]);
    let tip = fixture.commit("second", &[("c.txt", "c\n")]);
    fixture.git(&["checkout", "-q", "trunk"]);
    let trunk = fixture.commit("other", &[("a.txt", "1\n2\n4\n")]);
    fixture.push("refs/heads/trunk", trunk).await.unwrap();
    fixture.push("refs/heads/work", tip).await.unwrap();

    let stack = fixture.bare.stack(Some(trunk), tip).unwrap();
    let subjects: Vec<_> = stack.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects, ["first", "second"]);
    let rebased = fixture.bare.rebase(&stack, Some(trunk)).await.unwrap();
    let landed = fixture.bare.commit_of(rebased.tip).unwrap();
    assert_eq!(
        (landed.subject.as_str(), landed.tree),
        ("second", rebased.tree)
    );
    assert_eq!(landed.author, stack[1].author);
    let first = fixture.bare.commit_of(landed.parents[0]).unwrap();
    assert_eq!(first.parents, [trunk]);
    assert_eq!(
        fixture.bare.identity_of(first.id).unwrap(),
        fixture.bare.identity_of(stack[0].id).unwrap()
    );
    let file = |path| {
        fixture
            .bare
            .file(&rebased.tip.to_string(), path, 100)
            .unwrap()
            .content
    };
    assert_eq!(
        (file("a.txt"), file("b.txt"), file("c.txt")),
        (b"1\n2\n4\n".to_vec(), b"bb\n".to_vec(), b"c\n".to_vec())
    );
    // Where it stands already, nothing is made.
    let stack = fixture.bare.stack(Some(base), tip).unwrap();
    assert_eq!(
        fixture.bare.rebase(&stack, Some(base)).await.unwrap().tip,
        tip
    );
    assert!(fixture.bare.is_ancestor(base, rebased.tip).unwrap());
    assert!(!fixture.bare.is_ancestor(tip, rebased.tip).unwrap());
}

#[tokio::test]
async fn what_does_not_fit_is_said_with_its_files() {
    let fixture = Fixture::new().await;
    fixture.commit("base", &[("a.txt", "1\n"), ("b.txt", "1\n")]);
    fixture.git(&["checkout", "-q", "-b", "work"]);
    let tip = fixture.commit("mine", &[("a.txt", "2\n"), ("b.txt", "2\n")]);
    fixture.git(&["checkout", "-q", "trunk"]);
    let trunk = fixture.commit("theirs", &[("a.txt", "3\n"), ("b.txt", "3\n")]);
    fixture.push("refs/heads/trunk", trunk).await.unwrap();
    fixture.push("refs/heads/work", tip).await.unwrap();
    let stack = fixture.bare.stack(Some(trunk), tip).unwrap();
    let refused = fixture.bare.rebase(&stack, Some(trunk)).await;
    assert!(
        matches!(refused, Err(RepositoryError::Conflict { files, .. }) if files == ["a.txt", "b.txt"])
    );
}

#[tokio::test]
async fn a_stack_has_no_merge_and_something_in_common() {
    let fixture = Fixture::new().await;
    let base = fixture.commit("base", &[("a.txt", "1\n")]);
    fixture.git(&["checkout", "-q", "-b", "side"]);
    fixture.commit("side", &[("b.txt", "1\n")]);
    fixture.git(&["checkout", "-q", "trunk"]);
    fixture.commit("main", &[("c.txt", "1\n")]);
    fixture.git(&["merge", "-q", "--no-edit", "side"]);
    let merged = fixture.head();
    fixture.push("refs/heads/trunk", merged).await.unwrap();
    assert!(
        fixture
            .bare
            .stack(Some(base), merged)
            .unwrap_err()
            .to_string()
            .contains("is a merge")
    );
    fixture.git(&["checkout", "-q", "--orphan", "other"]);
    let other = fixture.commit("other", &[("d.txt", "1\n")]);
    fixture.push("refs/heads/other", other).await.unwrap();
    assert!(fixture.bare.stack(Some(base), other).is_err());
    // Into an empty repository all of it goes.
    assert_eq!(fixture.bare.stack(None, other).unwrap().len(), 1);
    assert!(fixture.bare.stack(Some(other), other).unwrap().is_empty());
}
