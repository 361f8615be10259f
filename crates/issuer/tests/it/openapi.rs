//! The routes of owners as OpenAPI describes them.

use trunkline_issuer::routes;

use crate::support::World;

#[tokio::test]
async fn the_description_is_an_outside_shape() {
    let world = World::new().await;
    let description = routes(world.issuer.clone()).into_openapi();
    assert!(description.paths.paths["/v1/oidc/clients"].post.is_some());
    insta::assert_json_snapshot!(serde_json::json!({
        "paths": description.paths,
        "components": description.components,
    }));
}
