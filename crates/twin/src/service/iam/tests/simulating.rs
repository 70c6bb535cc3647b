use super::*;

#[test]
fn a_simulation_tells_what_decides() {
    let mut world = world();
    let arn = role(&mut world, "web");
    put_inline(
        &mut world,
        "web",
        json!([
            { "Effect": "Allow", "Action": "s3:*", "Resource": "*" },
            { "Effect": "Deny", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::kept/*" },
        ]),
    );
    let asked = json!({
        "PolicySourceArn": arn,
        "ActionNames": ["s3:DeleteObject", "s3:GetObject", "ecs:RunTask"],
        "ResourceArns": ["arn:aws:s3:::kept/a", "arn:aws:s3:::other/a"],
    });
    let answer = call(&mut world, "SimulatePrincipalPolicy", asked);
    let results = answer["EvaluationResults"].as_array().expect("results");
    let decisions: Vec<&str> = results.iter().map(|it| text(&it["EvalDecision"])).collect();
    assert_eq!(decisions, ["explicitDeny", "allowed", "implicitDeny"]);
    let each = &results[0]["ResourceSpecificResults"];
    assert_eq!(each[0]["EvalResourceDecision"], "explicitDeny");
    assert_eq!(each[1]["EvalResourceDecision"], "allowed");
    let matched = &results[1]["MatchedStatements"][0];
    assert_eq!(matched["SourcePolicyId"], "role_web_own");
    assert_eq!(matched["StartPosition"]["Line"], 1);
    let position = &matched["StartPosition"]["Column"];
    assert!(position.as_u64().is_some_and(|it| it > 1));
}

#[test]
fn a_simulation_leaves_out_what_it_is_told_to() {
    let mut world = world();
    let arn = role(&mut world, "web");
    let policy = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess";
    let attachment = json!({ "RoleName": "web", "PolicyArn": policy });
    call(&mut world, "AttachRolePolicy", attachment);
    let mut asked = json!({ "PolicySourceArn": arn, "ActionNames": ["logs:PutLogEvents"] });
    let mut decision = |asked: Value| {
        let answer = call(&mut world, "SimulatePrincipalPolicy", asked);
        text(&answer["EvaluationResults"][0]["EvalDecision"]).to_owned()
    };
    assert_eq!(decision(asked.clone()), "allowed");
    asked["PolicyExclusionList"] = json!([{ "PolicyArn": policy }]);
    assert_eq!(decision(asked), "implicitDeny");
}

#[test]
fn a_custom_simulation_names_the_keys_that_nobody_gave() {
    let mut world = world();
    let document = policy(json!({
        "Effect": "Allow",
        "Action": "ecs:*",
        "Resource": "*",
        "Condition": { "ArnEquals": { "ecs:cluster": "arn:aws:ecs:us-east-1:1:cluster/web" } },
    }));
    let mut asked = json!({ "PolicyInputList": [document], "ActionNames": ["ecs:RunTask"] });
    let answer = call(&mut world, "SimulateCustomPolicy", asked.clone());
    let result = &answer["EvaluationResults"][0];
    assert_eq!(result["EvalDecision"], "implicitDeny");
    assert_eq!(result["MissingContextValues"], json!(["ecs:cluster"]));
    asked["ContextEntries"] = json!([{
        "ContextKeyName": "ecs:cluster",
        "ContextKeyValues": ["arn:aws:ecs:us-east-1:1:cluster/web"],
        "ContextKeyType": "string",
    }]);
    let answer = call(&mut world, "SimulateCustomPolicy", asked);
    assert_eq!(answer["EvaluationResults"][0]["EvalDecision"], "allowed");
    let keys = json!({ "PolicyInputList": [document] });
    let keys = call(&mut world, "GetContextKeysForCustomPolicy", keys);
    assert_eq!(keys["ContextKeyNames"], json!(["ecs:cluster"]));
}
