//! Limits and quotas, one and many threads at a time.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::HeaderMap;
use proptest::prelude::*;
use trunkline_admission::{
    Ask, Dimension, Limit, LimitConfig, LimiterConfig, Moment, Plan, PlanConfig, RateLimiter,
    Refusal, RefusalKind, Verdict,
};
use trunkline_model::{Coded, Timestamp, code};

const SECOND: u64 = 1_000_000_000;

/// A limiter and its clock.
struct Scene {
    limiter: RateLimiter,
    began: Instant,
    wall: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let began = Instant::now();
        let config = LimiterConfig {
            legacy_headers: true,
            ..LimiterConfig::default()
        };
        Self {
            limiter: RateLimiter::new(config, began),
            began,
            wall: "2026-11-30T12:00:00Z".parse().unwrap(),
        }
    }

    fn moment(&self, nanos: u64) -> Moment {
        Moment {
            instant: self.began + Duration::from_nanos(nanos),
            time: self.wall.plus_micros((nanos / 1_000) as i64),
        }
    }

    fn passes(&self, ask: &Ask<'_>, nanos: u64) -> bool {
        let verdict = self.limiter.check(ask, self.moment(nanos));
        matches!(verdict, Verdict::Pass(_))
    }

    fn refusal(&self, ask: &Ask<'_>, nanos: u64) -> Refusal {
        match self.limiter.check(ask, self.moment(nanos)) {
            Verdict::Refuse(refusal) => *refusal,
            Verdict::Pass(_) => panic!("it passed"),
        }
    }
}

fn limit(name: &str, rate: f64, burst: u32) -> Limit {
    let config = LimitConfig {
        name: name.into(),
        rate,
        burst: Some(burst),
    };
    Limit::new(&config).unwrap()
}

fn plan(json: &str) -> Plan {
    Plan::new(serde_json::from_str::<PlanConfig>(json).unwrap()).unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn the_strictest_limit_wins_and_the_others_are_not_charged() {
    let scene = Scene::new();
    let gold = plan(r#"{"name":"gold","rate":1,"burst":100}"#);
    let (by_address, by_route) = (limit("by-address", 1.0, 3), limit("by-route", 0.1, 5));
    let ask = |host: &str| Ask {
        holder: Some(("tok_1", &gold)),
        address: Some((address(host), &by_address)),
        route: Some(("cart", &by_route)),
    };
    for _ in 0..3 {
        assert!(scene.passes(&ask("192.0.2.1"), 0));
    }
    for _ in 0..50 {
        let refusal = scene.refusal(&ask("192.0.2.1"), 0);
        assert_eq!(refusal.dimension, Dimension::Address);
        assert_eq!(refusal.retry_after, Duration::from_secs(1));
    }
    for _ in 0..2 {
        assert!(scene.passes(&ask("192.0.2.2"), 0), "the route has two left");
    }
    for _ in 0..50 {
        let refusal = scene.refusal(&ask("192.0.2.1"), 0);
        assert_eq!(
            (refusal.dimension, &*refusal.limit),
            (Dimension::Route, "by-route")
        );
        assert_eq!(
            refusal.retry_after_seconds(),
            10,
            "the longest wait is told"
        );
    }
    let only = Ask {
        holder: Some(("tok_1", &gold)),
        ..Ask::default()
    };
    for _ in 0..95 {
        assert!(scene.passes(&only, 0), "the key was charged five times");
    }
    assert_eq!(scene.refusal(&only, 0).code(), &code::ADMISSION_RATE);
}

#[test]
fn an_ipv6_host_is_one_client_however_many_addresses_it_takes() {
    let (scene, limit) = (Scene::new(), limit("by-address", 1.0, 1));
    let passes = |host: &str| {
        let ask = Ask {
            address: Some((address(host), &limit)),
            ..Ask::default()
        };
        scene.passes(&ask, 0)
    };
    assert!(passes("2001:db8:1:2::1"));
    assert!(!passes("2001:db8:1:2:ffff::7"));
    assert!(passes("2001:db8:1:3::1"));
    assert!(passes("192.0.2.1") && !passes("::ffff:192.0.2.1"));
}

#[test]
fn places_are_given_back_when_permits_are_dropped() {
    let (scene, plan) = (
        Scene::new(),
        plan(r#"{"name":"p","concurrency":2,"per_day":100}"#),
    );
    let ask = Ask {
        holder: Some(("tok_1", &plan)),
        ..Ask::default()
    };
    let begin = || match scene.limiter.check(&ask, scene.moment(0)) {
        Verdict::Pass(passed) => passed.permit.unwrap(),
        Verdict::Refuse(refusal) => panic!("{refusal}"),
    };
    let (first, second) = (begin(), begin());
    let refusal = scene.refusal(&ask, 0);
    assert_eq!(refusal.code(), &code::ADMISSION_CONCURRENCY);
    assert_eq!(refusal.retry_after_seconds(), 1);
    drop(first);
    let third = begin();
    assert_eq!(scene.refusal(&ask, 0).kind, RefusalKind::Concurrency);
    drop((second, third));
    let usage = scene.limiter.usage("tok_1", scene.wall).unwrap();
    assert_eq!(usage.today, 3, "refused requests are not counted");
}

#[test]
fn quotas_end_with_the_day_and_the_month() {
    let scene = Scene::new();
    let plan = plan(r#"{"name":"p","per_day":3,"per_month":4}"#);
    let ask = Ask {
        holder: Some(("tok_1", &plan)),
        ..Ask::default()
    };
    let noon = 12 * 3_600 * SECOND;
    for _ in 0..3 {
        assert!(scene.passes(&ask, SECOND / 2));
    }
    let refusal = scene.refusal(&ask, SECOND / 2);
    assert_eq!(
        (refusal.code(), &*refusal.limit),
        (&code::ADMISSION_QUOTA, "p-day")
    );
    let mut headers = HeaderMap::new();
    refusal.write_headers(&mut headers);
    assert_eq!(headers["retry-after"], "43200", "11:59:59.5 h rounded up");
    assert_eq!(
        headers["ratelimit"],
        r#""p-day";r=0;t=43200, "p-month";r=1;t=43200"#
    );
    assert_eq!(headers["x-ratelimit-remaining"], "0");
    assert!(!scene.passes(&ask, noon - 1_000));
    for _ in 0..3 {
        assert!(scene.passes(&ask, noon), "another day, another month");
    }
    let next = noon + 24 * 3_600 * SECOND;
    assert!(scene.passes(&ask, next));
    let refusal = scene.refusal(&ask, next);
    assert_eq!(&*refusal.limit, "p-month");
    assert_eq!(refusal.retry_after_seconds(), 30 * 86_400);
}

#[test]
fn a_restart_goes_on_where_the_last_second_was_written() {
    let plan = plan(r#"{"name":"p","per_day":10}"#);
    let ask = Ask {
        holder: Some(("tok_1", &plan)),
        ..Ask::default()
    };
    let before = Scene::new();
    for _ in 0..6 {
        assert!(before.passes(&ask, 0));
    }
    let first = before.limiter.take_changes();
    assert!(before.passes(&ask, 0));
    let second = before.limiter.take_changes();
    assert!(before.passes(&ask, 0), "this one is lost");
    let json = serde_json::to_string(&[second, first].concat()).unwrap();
    let rows: Vec<_> = serde_json::from_str(&json).unwrap();
    let after = Scene::new();
    after.limiter.restore(&rows);
    after.limiter.restore(&rows);
    let passed = (0..20).filter(|_| after.passes(&ask, 0)).count();
    assert_eq!(passed, 3, "ten less the seven that were written");
    assert_eq!(after.limiter.usage_of_all(after.wall)[0].today, 10);
}

/// Four threads ask 80,000 times in five seconds; gives how often each of them passed.
fn hammer<'a>(scene: &Scene, ask: impl Fn(u8) -> Ask<'a> + Sync) -> Vec<u64> {
    let now = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let (now, ask) = (&now, ask(thread));
                scope.spawn(move || {
                    let step = || now.fetch_add(SECOND / 16_000, Ordering::SeqCst);
                    (0..20_000).filter(|_| scene.passes(&ask, step())).count() as u64
                })
            })
            .collect();
        let counts = threads.into_iter().map(|thread| thread.join().unwrap());
        counts.collect()
    })
}

#[test]
fn several_threads_pass_no_more_and_no_fewer_than_the_limit() {
    let scene = Scene::new();
    let plan = plan(r#"{"name":"p","rate":50,"burst":50,"per_day":1000000}"#);
    let by_route = limit("r", 1_000.0, 1_000);
    let ask = |_| Ask {
        holder: Some(("tok_1", &plan)),
        route: Some(("cart", &by_route)),
        ..Ask::default()
    };
    let total: u64 = hammer(&scene, ask).iter().sum();
    assert!((299..=301).contains(&total), "{total} of 50 + 50/s x 5 s");
    let usage = scene.limiter.usage("tok_1", scene.wall).unwrap();
    assert_eq!(usage.today, total, "counted when passed and only then");
}

#[test]
fn several_threads_under_several_limits_are_charged_for_what_passes() {
    let scene = Scene::new();
    let plan = plan(r#"{"name":"p","rate":1,"burst":1000,"per_day":1000000}"#);
    let by_address = limit("a", 7.0, 7);
    let ask = |thread| Ask {
        holder: Some(("tok_1", &plan)),
        address: Some((address(&format!("192.0.2.{thread}")), &by_address)),
        ..Ask::default()
    };
    let passed = hammer(&scene, ask);
    assert!(
        passed.iter().all(|passed| (7..=43).contains(passed)),
        "{passed:?}"
    );
    let total: u64 = passed.iter().sum();
    let usage = scene.limiter.usage("tok_1", scene.wall).unwrap();
    assert_eq!(usage.today, total);
    let alone = Ask {
        holder: Some(("tok_1", &plan)),
        ..Ask::default()
    };
    let left = (0..2_000)
        .filter(|_| scene.passes(&alone, 5 * SECOND))
        .count() as u64;
    let due = 1_000 - total;
    assert!(
        (due..=due + 6).contains(&left),
        "{left} of {due}, and what came back in 5 s"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whenever several threads ask, each with a view of the time of its own: in no stretch more than burst + rate x time passes.
    #[test]
    fn no_schedule_gets_more_than_its_due(
        millirate in 1_u32..200_000,
        burst in 1_u32..40,
        schedules in proptest::collection::vec(
            proptest::collection::vec(0_u64..50_000_000, 1..400), 1..4),
    ) {
        let (scene, rate) = (Scene::new(), f64::from(millirate) / 1_000.0);
        let limit = limit("l", rate, burst);
        let passed: Vec<Vec<u64>> = std::thread::scope(|scope| {
            let threads: Vec<_> = schedules.iter().map(|steps| {
                let (scene, limit) = (&scene, &limit);
                scope.spawn(move || {
                    let ask = Ask { route: Some(("cart", limit)), ..Ask::default() };
                    let mut now = 0;
                    steps.iter().filter_map(|step| {
                        now += step;
                        scene.passes(&ask, now).then_some(now)
                    }).collect()
                })
            }).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut times: Vec<u64> = passed.into_iter().flatten().collect();
        times.sort_unstable();
        let last = times.last().copied().unwrap_or(0);
        let most = f64::from(burst) + rate * last as f64 / 1e9;
        prop_assert!(times.len() as f64 <= most + 1e-6, "{} > {most}", times.len());
        prop_assert!(!times.is_empty());
        if schedules.len() == 1 {
            for (index, start) in times.iter().enumerate() {
                for (count, end) in times[index..].iter().enumerate() {
                    let due = f64::from(burst) + rate * (end - start) as f64 / 1e9;
                    prop_assert!((count + 1) as f64 <= due + 1e-6);
                }
            }
        }
    }

    /// A request that is refused leaves no trace, whichever limit refuses it.
    #[test]
    fn a_refusal_charges_nothing(
        bursts in (1_u32..9, 1_u32..9, 1_u32..9),
        per_day in 1_u64..9,
        asks in 1_usize..40,
    ) {
        let scene = Scene::new();
        let plan = plan(&format!(r#"{{"name":"p","rate":0.001,"burst":{},"per_day":{per_day}}}"#, bursts.0));
        let (by_address, by_route) = (limit("a", 0.001, bursts.1), limit("r", 0.001, bursts.2));
        let all = Ask {
            holder: Some(("k", &plan)),
            address: Some((address("192.0.2.1"), &by_address)),
            route: Some(("cart", &by_route)),
        };
        let due = u64::from(bursts.0.min(bursts.1).min(bursts.2)).min(per_day).min(asks as u64);
        let passed = (0..asks).filter(|_| scene.passes(&all, 0)).count() as u64;
        prop_assert_eq!(passed, due);
        let alone = [
            (Ask { address: None, route: None, ..all }, u64::from(bursts.0).min(per_day)),
            (Ask { holder: None, route: None, ..all }, u64::from(bursts.1)),
            (Ask { holder: None, address: None, ..all }, u64::from(bursts.2)),
        ];
        for (ask, most) in alone {
            let left = (0..20).filter(|_| scene.passes(&ask, 0)).count() as u64;
            prop_assert_eq!(left, most - due);
        }
    }
}
