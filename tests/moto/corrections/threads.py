"""Corrections to how moto behaves when several calls come at once."""

from moto.core.responses import BaseResponse

from .patching import wraps


@wraps(BaseResponse, "__init__")
def transformers_belong_to_one_request(original, self, *arguments, **keywords):
    """moto notes "leave the tags out of this answer" on the class, so that a
    DescribeServices without tags empties the tags of another that runs beside
    it. In AWS one answer has nothing to do with another."""
    original(self, *arguments, **keywords)
    self.RESPONSE_KEY_PATH_TO_TRANSFORMER = dict(
        type(self).RESPONSE_KEY_PATH_TO_TRANSFORMER
    )
