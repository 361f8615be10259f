//! Measures what the door costs a request, on one thread, and what a million keys take.
//!
//! `cargo run --release -p trunkline-admission --example admit`

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::hint::black_box;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde_json::{Value, json};
use trunkline_admission::{
    Ask, FetchError, FetchKeys, IssuerConfig, KeyAnswer, KeyRequest, Limit, LimitConfig,
    LimiterConfig, Moment, Plan, PlanConfig, RateLimiter, TokenPorts, TokenVerifier, Verdict,
};
use trunkline_model::Timestamp;

const ISSUER: &str = "https://id.example.com";
const NOW: Timestamp = Timestamp::from_millis(1_795_543_200_000);
const KEYS: u64 = 1_000_000;

#[derive(Debug)]
struct Fixed(String);

#[async_trait]
impl FetchKeys for Fixed {
    async fn fetch(&self, _request: KeyRequest<'_>) -> Result<KeyAnswer, FetchError> {
        Ok(KeyAnswer {
            body: Some(self.0.clone().into_bytes()),
            ..KeyAnswer::default()
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    tokens().await?;
    limits()?;
    memory()
}

/// Nanoseconds that `work` takes, the best of some rounds.
fn nanos(times: u32, mut work: impl FnMut(u32)) -> u128 {
    let round = |_| {
        let start = Instant::now();
        for n in 0..times {
            work(n);
        }
        start.elapsed().as_nanos() / u128::from(times)
    };
    (0..5).map(round).min().unwrap_or(0)
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn message(alg: &str, n: u32) -> String {
    let header = json!({"alg": alg, "typ": "JWT", "kid": alg});
    let seconds = NOW.as_micros() / 1_000_000;
    let claims = json!({
        "iss": ISSUER, "sub": format!("subject-{n}"), "aud": "shop", "client_id": "cart", "scope": "read write",
        "exp": seconds + 3_600, "iat": seconds, "groups": ["staff", "stock"], "jti": format!("{n:032}"),
    });
    format!(
        "{}.{}",
        text(header.to_string().as_bytes()),
        text(claims.to_string().as_bytes())
    )
}

async fn tokens() -> Result<(), Box<dyn Error>> {
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048)?;
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let parts = PublicKeyComponents::<Vec<u8>>::from(rsa.public_key());
    let point = ec.public_key().as_ref();
    let (x, y) = (text(&point[1..33]), text(&point[33..]));
    let keys: Value = json!({"keys": [
        {"kty": "RSA", "kid": "RS256", "n": text(&parts.n), "e": text(&parts.e)},
        {"kty": "EC", "crv": "P-256", "kid": "ES256", "x": x, "y": y},
    ]});
    let ports = TokenPorts {
        fetch: Arc::new(Fixed(keys.to_string())),
        own: None,
        revocations: None,
    };
    let mut config = IssuerConfig::new("id", ISSUER, &["shop"]);
    config.jwks_url = Some(format!("{ISSUER}/keys"));
    let verifier = TokenVerifier::new(ports, vec![config])?;
    let random = SystemRandom::new();
    for alg in ["RS256", "ES256"] {
        let mut tokens = Vec::new();
        for n in 0..2_000 {
            let message = message(alg, n);
            let signature = if alg == "RS256" {
                let mut signature = vec![0; rsa.public_modulus_len()];
                rsa.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    message.as_bytes(),
                    &mut signature,
                )?;
                signature
            } else {
                ec.sign(&random, message.as_bytes())?.as_ref().to_vec()
            };
            tokens.push(format!("{message}.{}", text(&signature)));
        }
        verifier.verify(&tokens[0], NOW).await?;
        let mut best = u128::MAX;
        for _ in 0..5 {
            verifier.forget_all();
            let start = Instant::now();
            for token in &tokens {
                black_box(verifier.verify(token, NOW).await?);
            }
            best = best.min(start.elapsed().as_nanos() / tokens.len() as u128);
        }
        let bytes = tokens[0].len();
        println!("{alg} token of {bytes} bytes, not cached  {best:>8} ns");
        let cached = nanos(200_000, |n| {
            black_box(verifier.verify_cached(&tokens[n as usize % tokens.len()], NOW));
        });
        println!("{alg} token of {bytes} bytes, cached      {cached:>8} ns");
    }
    Ok(())
}

fn plan(json: Value) -> Result<Plan, Box<dyn Error>> {
    Ok(Plan::new(serde_json::from_value::<PlanConfig>(json)?)?)
}

fn limit(name: &str) -> Result<Limit, Box<dyn Error>> {
    Ok(Limit::new(&LimitConfig {
        name: name.into(),
        rate: 1e9,
        burst: Some(1_000_000),
    })?)
}

fn limits() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let limiter = RateLimiter::new(LimiterConfig::default(), began);
    let gold = plan(json!({"name": "gold", "rate": 1e9, "burst": 1_000_000}))?;
    let full = plan(
        json!({"name": "full", "rate": 1e9, "burst": 1_000_000, "per_day": 1_000_000_000, "per_month": 1_000_000_000,
            "concurrency": 1_000}),
    )?;
    let tight = plan(json!({"name": "tight", "rate": 0.001, "burst": 1}))?;
    let (by_address, by_route) = (limit("address")?, limit("route")?);
    let keys: Vec<_> = (0..10_000)
        .map(|n| format!("tok_01JDTEST0000000000000{n:05}"))
        .collect();
    let host = |n: u32| IpAddr::V4((0x0A00_0000 + n % 10_000).into());
    let now = Moment {
        instant: began + Duration::from_secs(1),
        time: NOW,
    };
    let key = |n: u32| keys[n as usize % keys.len()].as_str();
    let one = nanos(200_000, |n| {
        let ask = Ask {
            holder: Some((key(n), &gold)),
            ..Ask::default()
        };
        black_box(limiter.check(&ask, now));
    });
    println!("limit by key                         {one:>8} ns");
    let all = |n: u32| Ask {
        holder: Some((key(n), &full)),
        address: Some((host(n), &by_address)),
        route: Some(("cart", &by_route)),
    };
    let three = nanos(200_000, |n| {
        black_box(limiter.check(&all(n), now));
    });
    println!("key, address, route, quotas, places  {three:>8} ns");
    let mut headers = HeaderMap::new();
    let written = nanos(200_000, |n| {
        if let Verdict::Pass(passed) = limiter.check(&all(n), now) {
            passed.headers.write(&mut headers);
        }
    });
    println!("the same, with headers               {written:>8} ns");
    let refused = nanos(200_000, |_| {
        let ask = Ask {
            holder: Some((key(0), &tight)),
            ..Ask::default()
        };
        black_box(limiter.check(&ask, now));
    });
    println!("refused by key                       {refused:>8} ns");
    Ok(())
}

/// MiB of this process in memory.
fn resident() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_ascii_whitespace().nth(1));
    Ok(kib.ok_or("no VmRSS")?.parse::<u64>()? / 1_024)
}

fn memory() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let limiter = RateLimiter::new(LimiterConfig::default(), began);
    let now = Moment {
        instant: began,
        time: NOW,
    };
    let slow = plan(json!({"name": "slow", "rate": 0.01, "burst": 10}))?;
    let by_address = Limit::new(&LimitConfig {
        name: "address".into(),
        rate: 0.01,
        burst: Some(10),
    })?;
    let daily = plan(json!({"name": "daily", "per_day": 1_000}))?;
    let before = resident()?;
    for n in 0..KEYS {
        let ask = Ask {
            holder: Some((&format!("tok_01JDTEST{n:018}"), &slow)),
            ..Ask::default()
        };
        black_box(limiter.check(&ask, now));
    }
    let keys = resident()?;
    println!(
        "{KEYS} keys, {} kept       {:>4} MiB",
        limiter.remembered(),
        keys - before
    );
    for n in 0..u128::from(KEYS) {
        let host = IpAddr::V6(Ipv6Addr::from((0x2001_0DB8 << 96) | (n << 64)));
        let ask = Ask {
            address: Some((host, &by_address)),
            ..Ask::default()
        };
        black_box(limiter.check(&ask, now));
    }
    let addresses = resident()?;
    println!(
        "{KEYS} addresses, {} kept in all {:>4} MiB",
        limiter.remembered(),
        addresses - keys
    );
    for n in 0..KEYS {
        let ask = Ask {
            holder: Some((&format!("tok_01JDTEST{n:018}"), &daily)),
            ..Ask::default()
        };
        black_box(limiter.check(&ask, now));
        // As the platform does once in a second.
        if n % 50_000 == 0 {
            black_box(limiter.take_changes());
        }
    }
    let quotas = resident()?;
    println!(
        "{KEYS} keys with quotas            {:>4} MiB",
        quotas - addresses
    );
    Ok(())
}
