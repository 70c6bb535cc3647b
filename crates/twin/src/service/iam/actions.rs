//! IAM's actions, and what each needs.

use super::{
    account, attachment, grants, inline, linked, policy, profile, role, simulate, tagging, trust,
    version,
};
use crate::Action;

/// All of them.
pub(super) fn all() -> Vec<Action> {
    [roles(), policies(), profiles(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn roles() -> Vec<Action> {
    vec![
        Action::on("CreateRole", role::create, grants::new_role),
        Action::on("GetRole", role::get, grants::role),
        Action::new("ListRoles", role::list_all),
        Action::on("UpdateRole", role::update, grants::role),
        Action::on(
            "UpdateRoleDescription",
            role::update_description,
            grants::role,
        ),
        Action::on("DeleteRole", role::delete, grants::role),
        Action::on("UpdateAssumeRolePolicy", trust::update, grants::role),
        Action::on(
            "PutRolePermissionsBoundary",
            attachment::put_boundary,
            grants::new_boundary,
        ),
        Action::on(
            "DeleteRolePermissionsBoundary",
            attachment::delete_boundary,
            grants::bounded_role,
        ),
        Action::on("TagRole", tagging::tag_role, grants::tagged_role),
        Action::on("UntagRole", tagging::untag_role, grants::tagged_role),
        Action::on("ListRoleTags", tagging::list_of_role, grants::role),
        Action::on("PutRolePolicy", inline::put, grants::bounded_role),
        Action::on("GetRolePolicy", inline::get, grants::role),
        Action::on("DeleteRolePolicy", inline::delete, grants::bounded_role),
        Action::on("ListRolePolicies", inline::list_all, grants::role),
        Action::on("AttachRolePolicy", attachment::attach, grants::attachment),
        Action::on("DetachRolePolicy", attachment::detach, grants::attachment),
        Action::on(
            "ListAttachedRolePolicies",
            attachment::list_of_role,
            grants::role,
        ),
        Action::on(
            "CreateServiceLinkedRole",
            linked::create,
            grants::linked_role,
        ),
        Action::on(
            "DeleteServiceLinkedRole",
            linked::delete,
            grants::unlinked_role,
        ),
        Action::on(
            "GetServiceLinkedRoleDeletionStatus",
            linked::deletion_status,
            grants::deletion,
        ),
    ]
}

fn policies() -> Vec<Action> {
    vec![
        Action::on("CreatePolicy", policy::create, grants::new_policy),
        Action::on("GetPolicy", policy::get, grants::policy),
        Action::on("DeletePolicy", policy::delete, grants::policy),
        Action::new("ListPolicies", policy::list_all),
        Action::on("CreatePolicyVersion", version::create, grants::policy),
        Action::on("GetPolicyVersion", version::get, grants::policy),
        Action::on("ListPolicyVersions", version::list_all, grants::policy),
        Action::on(
            "SetDefaultPolicyVersion",
            version::set_default,
            grants::policy,
        ),
        Action::on("DeletePolicyVersion", version::delete, grants::policy),
        Action::on(
            "ListEntitiesForPolicy",
            attachment::list_entities,
            grants::policy,
        ),
        Action::on("TagPolicy", tagging::tag_policy, grants::tagged_policy),
        Action::on("UntagPolicy", tagging::untag_policy, grants::tagged_policy),
        Action::on("ListPolicyTags", tagging::list_of_policy, grants::policy),
    ]
}

fn profiles() -> Vec<Action> {
    vec![
        Action::on(
            "CreateInstanceProfile",
            profile::create,
            grants::new_profile,
        ),
        Action::on("GetInstanceProfile", profile::get, grants::profile),
        Action::on("DeleteInstanceProfile", profile::delete, grants::profile),
        Action::new("ListInstanceProfiles", profile::list_all),
        Action::on(
            "ListInstanceProfilesForRole",
            profile::list_for_role,
            grants::role,
        ),
        Action::on(
            "AddRoleToInstanceProfile",
            profile::add_role,
            grants::role_into_profile,
        ),
        Action::on(
            "RemoveRoleFromInstanceProfile",
            profile::remove_role,
            grants::profile,
        ),
        Action::on(
            "TagInstanceProfile",
            tagging::tag_profile,
            grants::tagged_profile,
        ),
        Action::on(
            "UntagInstanceProfile",
            tagging::untag_profile,
            grants::tagged_profile,
        ),
        Action::on(
            "ListInstanceProfileTags",
            tagging::list_of_profile,
            grants::profile,
        ),
    ]
}

fn others() -> Vec<Action> {
    vec![
        Action::on(
            "SimulatePrincipalPolicy",
            simulate::principal,
            grants::simulated,
        ),
        Action::new("SimulateCustomPolicy", simulate::custom),
        Action::on(
            "GetContextKeysForPrincipalPolicy",
            simulate::context_keys_of_principal,
            grants::simulated,
        ),
        Action::new(
            "GetContextKeysForCustomPolicy",
            simulate::context_keys_of_custom,
        ),
        Action::new("GetAccountSummary", account::summary),
        Action::new("ListAccountAliases", account::aliases),
        Action::on("GetUser", account::user, grants::user),
        Action::new("ListUsers", account::users),
    ]
}
