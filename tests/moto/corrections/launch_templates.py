"""Corrections to EC2 launch templates."""

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidLaunchTemplateIdNotFound
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateBackend
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data

from .patching import page, wraps


@wraps(LaunchTemplateBackend, "create_launch_template")
def tags_of_the_template_stay_out_of_its_data(
    original, self, name, description, template_data, tag_spec
):
    """moto adds the tags given to the template itself to the template's data, as
    though instances were to bear them. AWS keeps the two apart."""
    template = original(self, name, description, template_data, tag_spec)
    data = template.versions[0].data
    kept = [
        specification
        for specification in data.get("TagSpecifications", [])
        if specification.get("ResourceType") != "launch-template"
    ]
    data.pop("TagSpecifications", None)
    if kept:
        data["TagSpecifications"] = kept
    return template


@wraps(LaunchTemplate, "__init__")
def tags_are_read_where_they_are_written(original, self, *arguments, **keywords):
    """moto copies the tags of a template once, so that CreateTags never shows.
    AWS shows the tags as they are."""
    original(self, *arguments, **keywords)
    del self.tags
    self.__class__ = LiveLaunchTemplate


class LiveLaunchTemplate(LaunchTemplate):
    """A launch template whose tags are looked up when they are asked for."""

    @property
    def tags(self):
        return self.get_tags()


@wraps(LaunchTemplateBackend, "delete_launch_template")
def deleting_a_missing_template_says_which(original, self, name, tid):
    """moto answers a missing name as a missing parameter, and a missing id as a
    missing name. AWS answers `InvalidLaunchTemplateName.NotFoundException` and
    `InvalidLaunchTemplateId.NotFound`."""
    require_template(self, name, tid)
    return original(self, name, tid)


@wraps(LaunchTemplateBackend, "modify_launch_template")
def modifying_a_missing_template_says_which(
    original, self, default_version, template_name=None, template_id=None
):
    """As with deleting, moto answers the wrong code for a missing template."""
    require_template(self, template_name, template_id)
    return original(self, default_version, template_name, template_id)


def require_template(backend, name, template_id):
    if name:
        backend.get_launch_template_by_name(name)
    elif template_id:
        backend.get_launch_template(template_id)


@wraps(LaunchTemplates, "create_launch_template_version")
def a_version_builds_on_its_source(original, self):
    """moto ignores SourceVersion, and stores user data in a form that its own
    Auto Scaling refuses. AWS adds the given data to that of the source version."""
    name, template_id = self._get_param("LaunchTemplateName"), self._get_param("LaunchTemplateId")
    source = self._get_param("SourceVersion")
    data = dict(self._get_param("LaunchTemplateData", {}))
    data["UserData"] = parse_user_data(data.get("UserData"))
    data = {member: value for member, value in data.items() if value is not None}
    if source:
        backend = self.ec2_backend
        require_template(backend, name, template_id)
        template = (
            backend.get_launch_template_by_name(name)
            if name
            else backend.get_launch_template(template_id)
        )
        data = template.get_version(source).data | data
    self.params["LaunchTemplateData"] = data
    return original(self)


@wraps(LaunchTemplateBackend, "describe_launch_templates")
def describing_a_missing_id_is_refused(
    original, self, template_names=None, template_ids=None, filters=None
):
    """moto skips ids that do not exist. AWS answers `InvalidLaunchTemplateId.NotFound`."""
    for template_id in template_ids or []:
        if template_id not in self.launch_templates:
            raise InvalidLaunchTemplateIdNotFound(template_id)
    return original(self, template_names, template_ids, filters)


def paged(member, default):
    """moto cuts both lists at fifteen and gives no token for the rest. AWS pages
    with NextToken, at most two hundred a page."""

    def around(original, self):
        asked = self._get_int_param("MaxResults", default)
        token = self._get_param("NextToken")
        self.params["MaxResults"] = 10**9
        result = original(self).result
        result[member], result["NextToken"] = page(result[member], token, min(asked, 200))
        return ActionResult(result)

    return around


wraps(LaunchTemplates, "describe_launch_templates")(paged("LaunchTemplates", 200))
wraps(LaunchTemplates, "describe_launch_template_versions")(
    paged("LaunchTemplateVersions", 200)
)
