//! Takes over usage plans of Amazon API Gateway.

use serde_json::{Map, Value};

use super::{Plan, PlanConfig, PlanError};

/// A plan that was made of a usage plan, and what of it could not be taken over.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedPlan {
    /// The plan.
    pub plan: PlanConfig,
    /// What was left out, a sentence each.
    pub left_out: Vec<String>,
}

/// Takes over the answer of `aws apigateway get-usage-plan` or `get-usage-plans`.
///
/// # Errors
/// The first usage plan that is not one or cannot be expressed, such as one with a quota by week.
pub fn import_usage_plans(json: &str) -> Result<Vec<ImportedPlan>, PlanError> {
    let document: Value = serde_json::from_str(json)
        .map_err(|error| refuse("", format!("it is not JSON: {error}")))?;
    match document.get("items") {
        Some(Value::Array(plans)) => plans.iter().map(import).collect(),
        Some(_) => Err(refuse("", "`items` is not a list")),
        None => import(&document).map(|plan| vec![plan]),
    }
}

impl Plan {
    /// The plan of one usage plan of AWS, as `aws apigateway get-usage-plan` gives it.
    ///
    /// # Errors
    /// Why it cannot be taken over; see [`import_usage_plans`].
    pub fn from_aws_usage_plan(json: &str) -> Result<ImportedPlan, PlanError> {
        match import_usage_plans(json)?.as_slice() {
            [one] => Ok(one.clone()),
            plans => Err(refuse(
                "",
                format!("there are {} usage plans, not one", plans.len()),
            )),
        }
    }
}

fn import(document: &Value) -> Result<ImportedPlan, PlanError> {
    let name = document.get("name").and_then(Value::as_str);
    let name = name.ok_or_else(|| refuse("", "it has no `name`"))?;
    let (mut left_out, mut plan) = (Vec::new(), PlanConfig::default());
    name.clone_into(&mut plan.name);
    if let Some(throttle) = member(document, "throttle", name)? {
        let rate = throttle.get("rateLimit").and_then(Value::as_f64);
        let rate = rate.ok_or_else(|| refuse(name, "`throttle` has no `rateLimit`"))?;
        plan.rate = Some(rate);
        plan.burst = whole(throttle, "burstLimit", name)?
            .map(|burst| u32::try_from(burst).unwrap_or(u32::MAX));
    }
    if let Some(quota) = member(document, "quota", name)? {
        let limit = whole(quota, "limit", name)?;
        let limit = limit.ok_or_else(|| refuse(name, "`quota` has no `limit`"))?;
        match quota.get("period").and_then(Value::as_str) {
            Some("DAY") => plan.per_day = Some(limit),
            Some("MONTH") => plan.per_month = Some(limit),
            Some("WEEK") => {
                return Err(refuse(
                    name,
                    "its quota is by WEEK; quotas here are by day or by month",
                ));
            }
            _ => return Err(refuse(name, "the `period` of `quota` is not DAY or MONTH")),
        }
        if whole(quota, "offset", name)?.unwrap_or(0) > 0 {
            left_out.push("`quota.offset`: the first period has the whole quota here".to_owned());
        }
    }
    let stages = document.get("apiStages").and_then(Value::as_array);
    let has_own = |stage: &Value| {
        let throttle = stage.get("throttle").and_then(Value::as_object);
        throttle.is_some_and(|throttle| !throttle.is_empty())
    };
    if stages.is_some_and(|stages| stages.iter().any(has_own)) {
        left_out.push(
            "`apiStages[].throttle`: give the routes of these methods a limit of their own"
                .to_owned(),
        );
    }
    Plan::new(plan.clone()).map_err(|error| refuse(name, error.to_string()))?;
    Ok(ImportedPlan { plan, left_out })
}

fn member<'a>(
    document: &'a Value,
    member: &str,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, PlanError> {
    match document.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(refuse(name, format!("`{member}` is not an object"))),
    }
}

fn whole(object: &Map<String, Value>, member: &str, name: &str) -> Result<Option<u64>, PlanError> {
    match object.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_u64()
            .map(Some)
            .ok_or_else(|| refuse(name, format!("`{member}` is not a whole number"))),
    }
}

fn refuse(plan: &str, reason: impl Into<String>) -> PlanError {
    PlanError::UsagePlan {
        plan: plan.chars().take(64).collect(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_plan_is_taken_over() {
        let json = r#"{"id": "a1b2c3", "name": "Basic", "description": "first tier",
            "apiStages": [{"apiId": "x", "stage": "prod", "throttle": {"/pets/GET": {"rateLimit": 1.0, "burstLimit": 2}}}],
            "throttle": {"burstLimit": 200, "rateLimit": 100.5},
            "quota": {"limit": 5000, "offset": 2, "period": "MONTH"}}"#;
        let imported = Plan::from_aws_usage_plan(json).unwrap();
        let expected = PlanConfig {
            name: "Basic".into(),
            rate: Some(100.5),
            burst: Some(200),
            per_month: Some(5_000),
            ..PlanConfig::default()
        };
        assert_eq!(imported.plan, expected);
        assert_eq!(imported.left_out.len(), 2);
    }

    #[test]
    fn a_list_of_usage_plans_is_taken_over() {
        let json = r#"{"items": [
            {"name": "free", "quota": {"limit": 10, "period": "DAY"}},
            {"name": "open", "throttle": {"rateLimit": 5}}]}"#;
        let plans = import_usage_plans(json).unwrap();
        assert_eq!(plans[0].plan.per_day, Some(10));
        assert_eq!(plans[1].plan.rate, Some(5.0));
        let error = Plan::from_aws_usage_plan(json).unwrap_err();
        assert!(error.to_string().contains("2 usage plans"));
    }

    #[test]
    fn what_cannot_be_taken_over_is_said() {
        for (json, word) in [
            ("[", "JSON"),
            ("{}", "`name`"),
            (r#"{"items": 3}"#, "`items`"),
            (
                r#"{"name":"a","quota":{"limit":7,"period":"WEEK"}}"#,
                "WEEK",
            ),
            (
                r#"{"name":"a","quota":{"limit":7,"period":"YEAR"}}"#,
                "period",
            ),
            (r#"{"name":"a","quota":{"period":"DAY"}}"#, "`limit`"),
            (
                r#"{"name":"a","quota":{"limit":1.5,"period":"DAY"}}"#,
                "whole",
            ),
            (r#"{"name":"a","throttle":[]}"#, "`throttle`"),
            (r#"{"name":"a","throttle":{"burstLimit":1}}"#, "rateLimit"),
            (r#"{"name":"a","throttle":{"rateLimit":0}}"#, "rate"),
        ] {
            let error = import_usage_plans(json).unwrap_err().to_string();
            assert!(error.contains(word), "{json}: {error}");
        }
    }
}
