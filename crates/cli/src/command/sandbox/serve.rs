use crate::{
    arguments::{Common, ServeOptions},
    command::Ended,
    failure::Failure,
    interrupt::interrupted,
    reading::{Use, read_stack},
    render, sandbox,
};
use setpoint_twin::{Habits, Twin, server, store::Store, tasks};
use std::{fs, path::PathBuf, time::Duration};

/// Serves the sandbox until it is interrupted.
pub(crate) async fn serve(common: &Common, options: &ServeOptions) -> Ended {
    let region = region(common);
    let habits = habits(common, options)?;
    let folder = sandbox::folder(common.stack());
    let twin = match options.ephemeral {
        true => Twin::new(sandbox::new_world(&region, habits), common.speed),
        false => sandbox::kept(Store::open(&folder)?, &region, common.speed, habits)?,
    };
    twin.signed_by(sandbox::now);
    let unbindable = |source| Failure::Port {
        port: options.port,
        source,
    };
    let (listener, address) = server::listen(options.port).await.map_err(unbindable)?;
    let _sign = match options.ephemeral {
        true => None,
        false => Some(Sign::put(
            folder.join("served"),
            &format!("{address} {}", common.speed),
        )?),
    };
    render::serving(address, &region, common.speed)?;
    let ended = tokio::select! {
        ended = server::serve(twin.clone(), listener) => ended.map_err(Failure::Output),
        () = tasks::serve(twin.clone()) => Ok(()),
        () = tick(&twin) => Ok(()),
        _ = interrupted() => Ok(()),
    };
    twin.save()?;
    ended.map(|()| 0)
}

/// Lets happen what is due when nobody asks.
async fn tick(twin: &Twin) {
    loop {
        twin.look(|_| ());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The region on the command line, of the stack if there is one, or else AWS's first.
fn region(common: &Common) -> String {
    let of_stack = || read_stack(common, Use::Remove).ok()?.stack.region;
    let region = common.region.clone().or_else(of_stack);
    region.unwrap_or_else(|| "us-east-1".into())
}

fn habits(common: &Common, options: &ServeOptions) -> Result<Habits, Failure> {
    let mut habits = match &options.habits {
        None => sandbox::habits(common.speed),
        Some(path) => {
            let failure = |why: String| Failure::Habits {
                path: path.clone(),
                why,
            };
            let text = fs::read_to_string(path).map_err(|err| failure(err.to_string()))?;
            serde_json::from_str(&text).map_err(|err| failure(err.to_string()))?
        }
    };
    habits.check_signatures |= options.check_signatures;
    habits.enforce_policies |= options.enforce_policies;
    habits.images_must_exist |= options.pushed_images_only;
    Ok(habits)
}

/// A file that says where the sandbox is served, for as long as it is.
struct Sign(PathBuf);

impl Sign {
    fn put(path: PathBuf, text: &str) -> Result<Sign, Failure> {
        fs::write(&path, text)?;
        Ok(Sign(path))
    }
}

impl Drop for Sign {
    fn drop(&mut self) {
        // A sign without a server is not believed: the store is free then.
        let _ = fs::remove_file(&self.0);
    }
}
