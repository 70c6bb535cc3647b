use super::*;

#[test]
fn every_model_is_whole_and_where_requests_look_for_it() {
    for source in &SOURCES {
        let service = source.service();
        assert_eq!(service.version, source.version, "{}", service.name);
        assert_eq!(service.target, source.target, "{}", service.name);
        for operation in service.operations.values() {
            for end in [operation.input, operation.output].into_iter().flatten() {
                assert!(matches!(service.shape(end).kind, Kind::Object(..)));
            }
        }
        for shape in service.shapes.values() {
            for part in parts(shape) {
                service.shape(part);
            }
        }
        for error in service.errors.keys() {
            service.shape(error);
        }
    }
}

fn parts(shape: &Shape) -> Box<dyn Iterator<Item = &'static str> + '_> {
    match &shape.kind {
        Kind::Object(members, _) => Box::new(members.iter().map(|it| it.shape)),
        Kind::List(element, _) => Box::new([*element].into_iter()),
        Kind::Map(key, value) => Box::new([*key, *value].into_iter()),
        _ => Box::new(std::iter::empty()),
    }
}

#[test]
fn every_pattern_that_is_meant_to_be_checked_can_be() {
    for service in all() {
        for (name, shape) in &service.shapes {
            if shape.engine.is_some() {
                assert!(shape.compile().is_some(), "{} {name}", service.name);
            }
        }
    }
}

#[test]
fn patterns_are_for_the_whole_text() {
    let service = of("ecr").expect("it is there");
    let name = service.shape("RepositoryName");
    assert!(name.fits("shop/web"));
    assert!(!name.fits("Shop/web"));
    assert!(!name.fits("shop/web "));
    let tag = of("iam").expect("it is there").shape("tagValueType");
    assert!(tag.fits("Größe 1") && !tag.fits("a;b"));
    assert!(tag.pattern.as_ref().is_some_and(|it| it.contains(r"\p{L}")));
}

#[test]
fn errors_are_found_by_shape_and_by_code() {
    let iam = of("iam").expect("it is there");
    for code in ["NoSuchEntity", "NoSuchEntityException"] {
        let (shape, fault) = iam.fault(code).expect("IAM has it");
        assert_eq!(
            (shape, fault.code),
            ("NoSuchEntityException", "NoSuchEntity")
        );
        assert_eq!((fault.status, fault.is_server()), (404, false));
    }
    let ecs = of("ecs").expect("it is there");
    let (_, fault) = ecs.fault("ServerException").expect("ECS has it");
    assert_eq!((fault.status, fault.is_server()), (500, true));
}

#[test]
fn every_action_in_the_model_is_there() {
    for source in &SOURCES {
        for action in source.service().operations.keys() {
            let found = crate::service::action(source.name, action);
            assert!(found.is_some(), "{} {action}", source.name);
        }
    }
}

#[test]
fn every_action_of_the_services_is_in_the_model() {
    for (service, action) in crate::service::all() {
        let model = of(service).expect("its service is in the model");
        assert!(model.operation(action).is_some(), "{service} {action}");
    }
}
