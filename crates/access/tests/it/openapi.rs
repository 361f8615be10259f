//! The routes as OpenAPI describes them.

use trunkline_access::{open_routes, routes};
use trunkline_web::Origins;

use crate::support::{Home, sorted};

#[tokio::test]
async fn the_description_is_an_outside_shape() {
    let home = Home::new();
    let door = home.door().await;
    let description = open_routes(door.clone(), Origins::default())
        .merge(routes(door))
        .into_openapi();
    let session = &description.paths.paths["/v1/session"];
    assert!(session.get.is_some() && session.post.is_some() && session.delete.is_some());
    insta::assert_json_snapshot!(sorted(serde_json::json!({
        "paths": description.paths,
        "components": description.components,
    })));
}
