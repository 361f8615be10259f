//! The rules of green-key landing, one by one.

use trunkline_landing::{ChangeId, Event, Kind, Reason, Stage, Verdict};

use crate::script::Script;

fn queue(slots: usize) -> Script {
    Script::new(Kind::GreenKey, slots)
}

#[test]
fn a_change_lands_when_its_tasks_are_green() {
    let mut queue = queue(4);
    assert_eq!(queue.submit(1, "ab"), ["run a[1]", "run b[1]"]);
    assert!(queue.green("b[1]").is_empty());
    assert_eq!(queue.green("a[1]"), ["land 1"]);
    assert!(queue.queue.view().lanes.is_empty());
}

#[test]
fn a_lane_does_not_wait_for_another_and_runs_nothing_again_when_trunk_moves() {
    let mut queue = queue(4);
    queue.submit(1, "ab");
    queue.submit(2, "c");
    assert_eq!(queue.green("c[2]"), ["land 2"]);
    assert!(queue.green("a[1]").is_empty());
    assert_eq!(queue.green("b[1]"), ["land 1"]);
}

#[test]
fn a_change_that_shares_a_project_is_tested_on_the_one_ahead() {
    let mut queue = queue(4);
    queue.submit(1, "a");
    assert_eq!(queue.submit(2, "a"), ["run a[1,2]"]);
    assert!(queue.green("a[1,2]").is_empty());
    assert_eq!(queue.green("a[1]"), ["land 1", "land 2"]);
}

#[test]
fn changes_that_wait_for_a_slot_are_batched() {
    let mut queue = queue(1);
    queue.submit(1, "h");
    queue.submit(2, "a");
    queue.submit(3, "a");
    assert_eq!(queue.green("h[1]"), ["land 1", "run a[2,3]"]);
    assert_eq!(queue.green("a[2,3]"), ["land 2,3"]);
}

#[test]
fn the_change_at_fault_leaves_its_batch_and_is_refused_after_a_second_red_run() {
    let mut queue = queue(2);
    queue.submit(1, "h");
    queue.submit(9, "g");
    for change in 2..5 {
        queue.submit(change, "a");
    }
    queue.green("g[9]");
    queue.green("h[1]");
    assert_eq!(queue.red("a[2,3,4]"), ["run a[2]"]);
    assert_eq!(queue.green("a[2]"), ["run a[2,3]"]);
    // 3 stands trial while the others go on without it.
    assert_eq!(queue.red("a[2,3]"), ["run a[2,4]", "run a[3]"]);
    assert_eq!(queue.queue.view().lanes[0].changes[1].stage, Stage::Suspect);
    assert_eq!(queue.green("a[2,4]"), ["land 2,4"]);
    assert_eq!(queue.red("a[3]"), ["run a[3]"]);
    let refused =
        "refuse 3: the task a[3] of `a` fails with the change; 2 landed since it was submitted";
    assert_eq!(queue.red("a[3]"), [refused]);
}

#[test]
fn a_flake_is_reported_and_costs_nobody_the_landing() {
    let mut queue = queue(4);
    queue.submit(1, "a");
    assert_eq!(queue.red("a[1]"), ["run a[1]"]);
    assert_eq!(queue.green("a[1]"), ["flake a[1]", "land 1"]);
    queue.submit(2, "b");
    let landed = queue.finish("b[2]", Verdict::Flaky);
    assert_eq!(landed, ["flake b[2]", "land 2"]);
}

#[test]
fn a_change_that_is_red_twice_is_refused_and_the_rest_goes_on() {
    let mut queue = queue(4);
    queue.submit(1, "a");
    queue.submit(2, "ab");
    assert_eq!(queue.red("a[1]"), ["run a[1]", "stop a[1,2]", "run a[2]"]);
    let refused = "refuse 1: the task a[1] of `a` fails with the change";
    assert_eq!(queue.red("a[1]"), [refused]);
    queue.green("a[2]");
    assert_eq!(queue.green("b[2]"), ["land 2"]);
}

#[test]
fn a_change_is_not_refused_for_what_one_ahead_of_it_may_still_take_back() {
    let mut queue = queue(4);
    queue.submit(1, "ab");
    queue.submit(2, "a");
    queue.green("a[1]");
    // Red with 1, green without it: it waits for what becomes of 1.
    queue.red("a[1,2]");
    queue.green("a[2]");
    let behind = Reason::Behind {
        change: ChangeId(1),
    };
    assert!(queue.queue.why(ChangeId(2)).contains(&behind));
    assert_eq!(
        queue.withdraw(1),
        ["refuse 1: the change was withdrawn", "land 2", "stop b[1]"]
    );
}

#[test]
fn a_change_that_fails_with_what_has_landed_is_told_so() {
    let mut queue = queue(4);
    queue.submit(1, "ab");
    queue.submit(2, "a");
    queue.green("a[1]");
    queue.red("a[1,2]");
    queue.green("a[2]");
    assert_eq!(queue.green("b[1]"), ["land 1", "run a[1,2]"]);
    let refused =
        "refuse 2: the task a[1,2] of `a` fails with the change; 1 landed since it was submitted";
    assert_eq!(queue.red("a[1,2]"), [refused]);
}

#[test]
fn a_change_that_does_not_merge_waits_for_the_other_to_land_or_leave() {
    for lands in [true, false] {
        let mut queue = queue(4).clash(1, 2);
        queue.submit(1, "a");
        assert!(queue.submit(2, "a").is_empty());
        let end = if lands {
            queue.green("a[1]")
        } else {
            queue.withdraw(1)
        };
        let landed = ["land 1", "refuse 2: the change does not merge with trunk"];
        let left = [
            "refuse 1: the change was withdrawn",
            "stop a[1]",
            "run a[2]",
        ];
        assert_eq!(
            end,
            if lands {
                landed.to_vec()
            } else {
                left.to_vec()
            }
        );
    }
}

#[test]
fn a_change_that_touches_all_joins_the_lanes() {
    let mut queue = queue(4);
    queue.submit(1, "a");
    queue.submit(2, "b");
    assert_eq!(queue.queue.view().lanes.len(), 2);
    queue.submit(3, "*");
    let view = queue.queue.view();
    assert_eq!(view.lanes.len(), 1);
    let changes = view.lanes[0].changes.iter();
    let changes: Vec<u64> = changes.map(|one| one.change.0).collect();
    assert_eq!(changes, [1, 2, 3]);
}

#[test]
fn an_amended_change_is_tested_anew() {
    let mut queue = queue(1);
    queue.submit(1, "a");
    let orders = queue.amend(1, "b");
    assert_eq!(orders, ["stop a[1]", "run b[1]"]);
    assert_eq!(queue.green("b[1]"), ["land 1"]);
}

#[test]
fn what_is_being_landed_can_neither_be_amended_nor_withdrawn() {
    for kind in Kind::ALL {
        let mut queue = Script::new(kind, 4);
        queue.holds = true;
        queue.submit(1, "a");
        assert_eq!(queue.green("a[1]"), ["land 1"]);
        assert!(queue.withdraw(1).is_empty());
        let candidate = queue.landing.unwrap();
        let landed = queue.landed(candidate);
        let late = "refuse 1: the change has landed as it was before it was amended or withdrawn";
        assert_eq!(queue.tell(landed), [late], "{kind:?}");
    }
}

#[test]
fn a_lost_landing_is_tried_again_on_the_new_trunk_without_a_run() {
    for kind in Kind::ALL {
        let mut queue = Script::new(kind, 4);
        queue.holds = true;
        queue.submit(1, "a");
        queue.green("a[1]");
        let candidate = queue.landing.unwrap();
        queue.holds = false;
        let (trunk, touched) = queue.move_trunk_by(5, "c");
        let refused = Event::LandRefused {
            candidate,
            trunk,
            touched,
        };
        assert_eq!(queue.tell(refused), ["land 1"], "{kind:?}");
    }
}

#[test]
fn trunk_that_another_hand_moves_has_only_what_it_touched_tested_anew() {
    let mut queue = queue(4);
    queue.submit(1, "ab");
    let (trunk, touched) = queue.move_trunk_by(5, "a");
    let moved = Event::TrunkMoved { trunk, touched };
    assert_eq!(queue.tell(moved), ["stop a[1]", "run a[1,5]"]);
    queue.green("b[1]");
    assert_eq!(queue.green("a[1,5]"), ["land 1"]);
}

#[test]
fn a_pause_starts_and_lands_nothing() {
    for kind in Kind::ALL {
        let mut queue = Script::new(kind, 4);
        queue.submit(1, "a");
        queue.tell(Event::Paused);
        assert!(queue.submit(2, "b").is_empty());
        assert!(queue.green("a[1]").is_empty());
        assert_eq!(queue.queue.why(ChangeId(1)).first(), Some(&Reason::Paused));
        assert_eq!(queue.tell(Event::Resumed)[0], "land 1", "{kind:?}");
    }
}

#[test]
fn a_view_says_what_each_change_waits_for() {
    let mut queue = queue(1);
    queue.submit(1, "ab");
    queue.submit(2, "b");
    queue.submit(3, "b");
    let view = queue.queue.view();
    let lane = &view.lanes[0].changes;
    assert!(
        matches!(lane[0].reasons[0], Reason::Running { .. }),
        "{view:#?}"
    );
    assert!(matches!(lane[0].reasons[1], Reason::Slot { .. }));
    assert_eq!((lane[0].left, lane[0].ahead, lane[2].ahead), (2, 0, 2));
    assert_eq!(lane[0].batch, [ChangeId(2), ChangeId(3)]);
    assert!(queue.queue.why(ChangeId(7)).is_empty());
}

#[test]
fn a_queue_that_is_full_says_so() {
    let settings = trunkline_landing::Settings {
        changes: 1,
        ..Default::default()
    };
    for kind in Kind::ALL {
        let mut queue = Script::new(kind, 1);
        queue.queue = kind.queue(settings);
        queue.submit(1, "a");
        let (trunk, _) = queue.move_trunk_by(5, "");
        queue.submit(2, "a");
        let refused = queue.tell(Event::Started { trunk, slots: 1 });
        assert_eq!(
            refused[0],
            "refuse 2: the queue has 1 changes, which is its limit"
        );
    }
}
