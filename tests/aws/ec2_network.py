"""VPCs, subnets, routes, and what a region offers."""

from account import Account, has, pages, refused, same
from things import default_subnets, default_vpc, vpc


def _subnet(aws: Account, network: str, block: str) -> str:
    made = aws.ec2.create_subnet(VpcId=network, CidrBlock=block)["Subnet"]["SubnetId"]
    aws.later(aws.ec2.delete_subnet, SubnetId=made)
    return made


def an_account_begins_with_a_default_VPC(aws: Account) -> None:
    (shown,) = aws.ec2.describe_vpcs(VpcIds=[default_vpc(aws)])["Vpcs"]
    has(shown, IsDefault=True, CidrBlock="172.31.0.0/16", State="available")
    has(shown, InstanceTenancy="default", OwnerId=aws.number)


def the_default_VPC_has_a_public_subnet_in_each_zone(aws: Account) -> None:
    answer = aws.ec2.describe_subnets(SubnetIds=default_subnets(aws))["Subnets"]
    zones = aws.ec2.describe_availability_zones()["AvailabilityZones"]
    same(
        sorted(it["AvailabilityZone"] for it in answer), sorted(it["ZoneName"] for it in zones)
    )
    assert all(it["DefaultForAz"] and it["MapPublicIpOnLaunch"] for it in answer), answer
    assert all(it["CidrBlock"].endswith("/20") for it in answer), answer


def DescribeAvailabilityZones_tells_those_of_the_region(aws: Account) -> None:
    zones = aws.ec2.describe_availability_zones()["AvailabilityZones"]
    assert len(zones) >= 2
    has(zones[0], State="available", RegionName="us-east-1", ZoneType="availability-zone")
    assert zones[0]["ZoneId"].startswith("use1-az"), zones[0]


def DescribeRegions_knows_this_one(aws: Account) -> None:
    (shown,) = aws.ec2.describe_regions(RegionNames=["us-east-1"])["Regions"]
    has(shown, RegionName="us-east-1", Endpoint="ec2.us-east-1.amazonaws.com")


def CreateVpc_makes_one_with_a_group_and_a_route_table(aws: Account) -> None:
    made = vpc(aws)
    only = [{"Name": "vpc-id", "Values": [made]}]
    groups = aws.ec2.describe_security_groups(Filters=only)["SecurityGroups"]
    same([it["GroupName"] for it in groups], ["default"])
    (table,) = aws.ec2.describe_route_tables(Filters=only)["RouteTables"]
    same([it["DestinationCidrBlock"] for it in table["Routes"]], ["10.77.0.0/16"])
    same([it["GatewayId"] for it in table["Routes"]], ["local"])


def CreateVpc_refuses_a_block_that_is_too_large(aws: Account) -> None:
    refused("InvalidVpc.Range", aws.ec2.create_vpc, CidrBlock="10.0.0.0/15")


def DescribeVpcs_refuses_a_missing_one(aws: Account) -> None:
    refused("InvalidVpcID.NotFound", aws.ec2.describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])


def CreateSubnet_counts_the_addresses_that_are_left(aws: Account) -> None:
    network = vpc(aws)
    made = _subnet(aws, network, "10.77.1.0/24")
    (shown,) = aws.ec2.describe_subnets(SubnetIds=[made])["Subnets"]
    has(
        shown,
        VpcId=network,
        CidrBlock="10.77.1.0/24",
        AvailableIpAddressCount=251,
        MapPublicIpOnLaunch=False,
        DefaultForAz=False,
        State="available",
        SubnetArn=aws.arn("ec2", f"subnet/{made}"),
    )


def CreateSubnet_refuses_a_block_outside_of_the_VPC(aws: Account) -> None:
    refused("InvalidSubnet.Range", aws.ec2.create_subnet, VpcId=vpc(aws), CidrBlock="10.1.0.0/24")


def CreateSubnet_refuses_a_block_that_overlaps(aws: Account) -> None:
    network = vpc(aws)
    _subnet(aws, network, "10.77.1.0/24")
    refused(
        "InvalidSubnet.Conflict", aws.ec2.create_subnet, VpcId=network, CidrBlock="10.77.1.0/25"
    )


def ModifySubnetAttribute_gives_public_addresses(aws: Account) -> None:
    made = _subnet(aws, vpc(aws), "10.77.1.0/24")
    aws.ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": True})
    (shown,) = aws.ec2.describe_subnets(SubnetIds=[made])["Subnets"]
    same(shown["MapPublicIpOnLaunch"], True)


def DescribeSubnets_refuses_a_missing_one(aws: Account) -> None:
    refused(
        "InvalidSubnetID.NotFound",
        aws.ec2.describe_subnets,
        SubnetIds=["subnet-0123456789abcdef0"],
    )


def DescribeSubnets_filters_and_goes_by_pages(aws: Account) -> None:
    network = vpc(aws)
    made = {_subnet(aws, network, f"10.77.{number}.0/24") for number in range(6)}
    only = [{"Name": "vpc-id", "Values": [network]}]
    found = pages(
        aws.ec2.describe_subnets, "Subnets", token="NextToken", Filters=only, MaxResults=5
    )
    same([len(page) for page in found], [5, 1])
    same({it["SubnetId"] for page in found for it in page}, made)


def DeleteVpc_refuses_one_with_subnets(aws: Account) -> None:
    network = vpc(aws)
    _subnet(aws, network, "10.77.1.0/24")
    refused("DependencyViolation", aws.ec2.delete_vpc, VpcId=network)


def DeleteSubnet_and_DeleteVpc_take_them_away(aws: Account) -> None:
    network = vpc(aws)
    made = _subnet(aws, network, "10.77.1.0/24")
    aws.ec2.delete_subnet(SubnetId=made)
    aws.ec2.delete_vpc(VpcId=network)
    refused("InvalidSubnetID.NotFound", aws.ec2.delete_subnet, SubnetId=made)
    refused("InvalidVpcID.NotFound", aws.ec2.delete_vpc, VpcId=network)


def an_internet_gateway_is_attached_and_routed_to(aws: Account) -> None:
    network = vpc(aws)
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.later(aws.ec2.delete_internet_gateway, InternetGatewayId=gateway)
    both = {"InternetGatewayId": gateway, "VpcId": network}
    aws.ec2.attach_internet_gateway(**both)
    aws.later(aws.ec2.detach_internet_gateway, **both)
    refused("Resource.AlreadyAssociated", aws.ec2.attach_internet_gateway, **both)
    only = [{"Name": "vpc-id", "Values": [network]}]
    (table,) = aws.ec2.describe_route_tables(Filters=only)["RouteTables"]
    route = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    aws.ec2.create_route(GatewayId=gateway, **route)
    (table,) = aws.ec2.describe_route_tables(Filters=only)["RouteTables"]
    found = {it["DestinationCidrBlock"]: it["GatewayId"] for it in table["Routes"]}
    same(found, {"10.77.0.0/16": "local", "0.0.0.0/0": gateway})
    aws.ec2.delete_route(**route)
    refused("InvalidRoute.NotFound", aws.ec2.delete_route, **route)


def a_subnet_goes_by_the_route_table_that_it_is_associated_with(aws: Account) -> None:
    network = vpc(aws)
    subnet = _subnet(aws, network, "10.77.1.0/24")
    made = aws.ec2.create_route_table(VpcId=network)["RouteTable"]["RouteTableId"]
    aws.later(aws.ec2.delete_route_table, RouteTableId=made)
    both = {"RouteTableId": made, "SubnetId": subnet}
    association = aws.ec2.associate_route_table(**both)["AssociationId"]
    aws.later(aws.ec2.disassociate_route_table, AssociationId=association)
    only = [{"Name": "association.subnet-id", "Values": [subnet]}]
    (shown,) = aws.ec2.describe_route_tables(Filters=only)["RouteTables"]
    same(shown["RouteTableId"], made)
    same([it["Main"] for it in shown["Associations"]], [False])
    refused("DependencyViolation", aws.ec2.delete_route_table, RouteTableId=made)
    aws.ec2.disassociate_route_table(AssociationId=association)
    aws.ec2.delete_route_table(RouteTableId=made)
    refused("InvalidRouteTableID.NotFound", aws.ec2.delete_route_table, RouteTableId=made)


def CreateRoute_refuses_another_way_to_the_same_place(aws: Account) -> None:
    network = vpc(aws)
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.later(aws.ec2.delete_internet_gateway, InternetGatewayId=gateway)
    both = {"InternetGatewayId": gateway, "VpcId": network}
    aws.ec2.attach_internet_gateway(**both)
    aws.later(aws.ec2.detach_internet_gateway, **both)
    only = [{"Name": "vpc-id", "Values": [network]}]
    (table,) = aws.ec2.describe_route_tables(Filters=only)["RouteTables"]
    refused(
        "RouteAlreadyExists",
        aws.ec2.create_route,
        RouteTableId=table["RouteTableId"],
        DestinationCidrBlock="10.77.0.0/16",
        GatewayId=gateway,
    )


def DescribeInstanceTypes_tells_size_and_architecture(aws: Account) -> None:
    (shown,) = aws.ec2.describe_instance_types(InstanceTypes=["t2.small"])["InstanceTypes"]
    same(shown["VCpuInfo"]["DefaultVCpus"], 1)
    same(shown["MemoryInfo"]["SizeInMiB"], 2048)
    assert "x86_64" in shown["ProcessorInfo"]["SupportedArchitectures"], shown["ProcessorInfo"]
    same(shown["BurstablePerformanceSupported"], True)


def DescribeInstanceTypes_refuses_one_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidInstanceType", aws.ec2.describe_instance_types, InstanceTypes=["t9.enormous"]
    )


def DescribeInstanceTypeOfferings_tells_where_there_is_a_type(aws: Account) -> None:
    answer = aws.ec2.describe_instance_type_offerings(
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": ["t3.small"]}],
    )
    zones = {it["ZoneName"] for it in aws.ec2.describe_availability_zones()["AvailabilityZones"]}
    found = {it["Location"] for it in answer["InstanceTypeOfferings"]}
    assert found and found <= zones, found


def DescribeImages_refuses_one_that_there_is_not(aws: Account) -> None:
    refused("InvalidAMIID.NotFound", aws.ec2.describe_images, ImageIds=["ami-0123456789abcdef0"])


def key_pairs_are_created_described_and_deleted(aws: Account) -> None:
    made = aws.ec2.create_key_pair(KeyName=aws.name)
    aws.later(aws.ec2.delete_key_pair, KeyName=aws.name)
    assert "PRIVATE KEY" in made["KeyMaterial"], made["KeyName"]
    refused("InvalidKeyPair.Duplicate", aws.ec2.create_key_pair, KeyName=aws.name)
    (shown,) = aws.ec2.describe_key_pairs(KeyNames=[aws.name])["KeyPairs"]
    has(shown, KeyName=aws.name, KeyPairId=made["KeyPairId"])
    aws.ec2.delete_key_pair(KeyName=aws.name)
    refused("InvalidKeyPair.NotFound", aws.ec2.describe_key_pairs, KeyNames=[aws.name])


def DescribeVpcs_refuses_a_filter_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidParameterValue",
        aws.ec2.describe_vpcs,
        Filters=[{"Name": "colour", "Values": ["green"]}],
    )
