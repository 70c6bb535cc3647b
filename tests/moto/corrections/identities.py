"""Corrections to IAM roles and instance profiles."""

from moto.core.responses import ActionResult
from moto.iam.exceptions import EntityAlreadyExists, NoSuchEntity
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from .patching import page, replaces, wraps


@wraps(IAMBackend, "create_role")
def role_names_differ_by_more_than_case(original, self, role_name, *rest, **keywords):
    """moto takes names that differ only by case for two roles. For AWS they are
    the same name, and it answers `EntityAlreadyExists`."""
    if any(role.name.lower() == role_name.lower() for role in self.roles.values()):
        raise EntityAlreadyExists(f"Role with name {role_name} already exists.")
    return original(self, role_name, *rest, **keywords)


@wraps(IAMBackend, "remove_role_from_instance_profile")
def removing_a_role_that_is_not_there_is_refused(original, self, profile_name, role_name):
    """moto fails with an internal error. AWS answers `NoSuchEntity`."""
    profile = self.get_instance_profile(profile_name)
    if role_name not in [role.name for role in profile.roles]:
        raise NoSuchEntity(
            f"Instance Profile {profile_name} does not contain role {role_name}."
        )
    original(self, profile_name, role_name)


@replaces(IamResponse, "list_instance_profiles")
def list_instance_profiles_by_path(self):
    """moto ignores PathPrefix and does not page. AWS lists the profiles whose
    path begins with it, a hundred a page, and leaves out their tags."""
    prefix = self._get_param("PathPrefix") or "/"
    profiles = [p for p in self.backend.get_instance_profiles() if p.path.startswith(prefix)]
    profiles.sort(key=lambda profile: profile.name)
    size = int(self._get_param("MaxItems") or 100)
    profiles, marker = page(profiles, self._get_param("Marker"), size)
    self._exclude_from_response(
        "ListInstanceProfilesResponse.InstanceProfiles.InstanceProfile.Tags"
    )
    return ActionResult(
        {"InstanceProfiles": profiles, "IsTruncated": marker is not None, "Marker": marker}
    )


@replaces(IamResponse, "list_instance_profile_tags")
def list_instance_profile_tags(self):
    """moto lacks ListInstanceProfileTags."""
    profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
    return ActionResult({"Tags": profile.tags, "IsTruncated": False})
