//! A provisioning template: which thing a device becomes, in the form of AWS IoT.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::resolve::resolve;

/// The most bytes of a template.
const MOST: usize = 16 * 1024;

/// A template that is to be written.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// The template, as AWS IoT writes it: `Parameters`, `Resources` and `DeviceConfiguration`.
    #[schema(value_type = Object)]
    pub body: Value,
    /// Values that a parameter may have, such as the serial numbers that were made; without it every device is let in.
    #[serde(default)]
    pub allowed: BTreeMap<String, Vec<String>>,
}

/// A template by which devices are provisioned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The template.
    #[schema(value_type = Object)]
    pub body: Value,
    /// Values that a parameter may have.
    pub allowed: BTreeMap<String, Vec<String>>,
}

/// What a template makes of the parameters of a device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planned {
    /// The name of the thing.
    pub thing: String,
    /// What kind of thing it is; empty where the template does not say.
    pub kind: String,
    /// What else is known of it.
    pub attributes: Map<String, Value>,
    /// What the device is told.
    pub configuration: Map<String, Value>,
}

impl Template {
    /// Checks what somebody wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(name: &str, wanted: NewTemplate) -> Result<Self, String> {
        let named = (1..=36).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !named {
            return Err("a template's name has 1 to 36 letters, digits, `_` and `-`".into());
        }
        let bytes = wanted.body.to_string().len();
        if bytes > MOST {
            return Err("a template has at most 16 KiB".into());
        }
        let template = Self {
            name: name.to_owned(),
            body: wanted.body,
            allowed: wanted.allowed,
        };
        template.thing()?;
        for parameter in template.allowed.keys() {
            if !template.parameters().contains_key(parameter) {
                return Err(format!(
                    "`allowed` names `{parameter}`, which is no parameter"
                ));
            }
        }
        Ok(template)
    }

    /// The parameters with their default values.
    fn parameters(&self) -> BTreeMap<String, Option<Value>> {
        let declared = self.body.get("Parameters").and_then(Value::as_object);
        declared
            .into_iter()
            .flatten()
            .map(|(name, about)| (name.clone(), about.get("Default").cloned()))
            .collect()
    }

    /// The properties of the thing.
    fn thing(&self) -> Result<&Map<String, Value>, String> {
        let resources = self
            .body
            .get("Resources")
            .and_then(Value::as_object)
            .ok_or("a template has `Resources`")?;
        let mut things = resources.values().filter(|resource| {
            resource.get("Type").and_then(Value::as_str) == Some("AWS::IoT::Thing")
        });
        let thing = things
            .next()
            .ok_or("a template has a resource of the type `AWS::IoT::Thing`")?;
        if things.next().is_some() {
            return Err("a template makes one thing".into());
        }
        let properties = thing.get("Properties").and_then(Value::as_object);
        let properties = properties.ok_or("the thing has `Properties`")?;
        if !properties.contains_key("ThingName") {
            return Err("the thing has a `ThingName`".into());
        }
        Ok(properties)
    }

    /// What becomes of a device with these parameters, which was given the certificate of this id.
    ///
    /// # Errors
    /// What is missing or not allowed.
    pub fn plan(&self, given: &Map<String, Value>, certificate: &str) -> Result<Planned, String> {
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        for (name, default) in self.parameters() {
            let value = given.get(&name).cloned().or(default);
            let value = value.ok_or_else(|| format!("the parameter `{name}` is missing"))?;
            if !value.is_string() {
                return Err(format!("the parameter `{name}` is no text"));
            }
            values.insert(name, value);
        }
        for (name, allowed) in &self.allowed {
            let value = values.get(name).and_then(Value::as_str).unwrap_or_default();
            if !allowed.iter().any(|known| known == value) {
                return Err(format!("the parameter `{name}` is not one that is allowed"));
            }
        }
        values.insert("AWS::IoT::Certificate::Id".into(), certificate.into());
        let mappings = self.body.get("Mappings").unwrap_or(&Value::Null);
        let resolved = |value: &Value| resolve(value, &values, mappings);
        let properties = self.thing()?;
        let text = |name: &str| match properties.get(name) {
            None => Ok(String::new()),
            Some(value) => match resolved(value)? {
                Value::String(text) => Ok(text),
                _ => Err(format!("`{name}` is no text")),
            },
        };
        let object = |value: Option<&Value>| match value.map(&resolved).transpose()? {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err("an object is expected".to_owned()),
        };
        Ok(Planned {
            thing: text("ThingName")?,
            kind: text("ThingTypeName")?,
            attributes: object(properties.get("AttributePayload"))?,
            configuration: object(self.body.get("DeviceConfiguration"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn template() -> NewTemplate {
        NewTemplate {
            body: json!({
                "Parameters": {"SerialNumber": {"Type": "String"}, "Site": {"Type": "String", "Default": "oslo"}},
                "Resources": {
                    "thing": {"Type": "AWS::IoT::Thing", "Properties": {
                        "ThingName": {"Fn::Join": ["", ["pump-", {"Ref": "SerialNumber"}]]},
                        "ThingTypeName": "pump",
                        "AttributePayload": {"site": {"Ref": "Site"}},
                    }},
                    "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "Active"}},
                },
                "DeviceConfiguration": {"interval": "5"},
            }),
            allowed: BTreeMap::from([(
                "SerialNumber".to_owned(),
                vec!["7".to_owned(), "8".to_owned()],
            )]),
        }
    }

    #[test]
    fn parameters_become_a_thing() {
        let template = Template::check("pumps", template()).unwrap();
        let given = json!({"SerialNumber": "7"});
        let planned = template.plan(given.as_object().unwrap(), "c").unwrap();
        assert_eq!(
            (planned.thing.as_str(), planned.kind.as_str()),
            ("pump-7", "pump")
        );
        assert_eq!(planned.attributes["site"], "oslo");
        assert_eq!(planned.configuration["interval"], "5");
    }

    #[test]
    fn what_is_not_allowed_or_missing_is_said() {
        let template = Template::check("pumps", template()).unwrap();
        let refused = |given: Value| template.plan(given.as_object().unwrap(), "c").unwrap_err();
        assert!(refused(json!({"SerialNumber": "9"})).contains("not one that is allowed"));
        assert!(refused(json!({})).contains("is missing"));
        assert!(refused(json!({"SerialNumber": 7})).contains("is no text"));
    }

    #[test]
    fn a_template_without_a_thing_is_none() {
        let bad = |body: Value| {
            let wanted = NewTemplate {
                body,
                allowed: BTreeMap::new(),
            };
            Template::check("pumps", wanted).unwrap_err()
        };
        assert!(bad(json!({})).contains("Resources"));
        assert!(bad(json!({"Resources": {}})).contains("AWS::IoT::Thing"));
        let thing = json!({"Type": "AWS::IoT::Thing", "Properties": {"ThingName": "a"}});
        assert!(bad(json!({"Resources": {"a": thing, "b": thing}})).contains("one thing"));
        assert!(Template::check("a b", template()).is_err());
    }
}
