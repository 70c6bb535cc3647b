//! How many groups an account has in a region, and may have.

use aws_sdk_autoscaling::Client;
use setpoint_aws::Aws;
use setpoint_core::Result;

/// How many groups there are, and how many there may be (`autoscaling:DescribeAccountLimits`).
/// Nothing where AWS does not say.
pub async fn limits(aws: &Aws) -> Result<Option<(u64, u64)>> {
    let client = Client::new(aws.config());
    let describe = aws.call("autoscaling:DescribeAccountLimits", || {
        client.describe_account_limits().send()
    });
    let answer = describe.await?;
    let number = |it: Option<i32>| u64::try_from(it?).ok();
    let used = number(answer.number_of_auto_scaling_groups);
    Ok(used.zip(number(answer.max_number_of_auto_scaling_groups)))
}
