//! Where images are built: a builder, its own store, and the folders of a stack.

use crate::{
    BuildError, Builder, Built, Context, ContextError, Program, Said, Tell, content::content,
};
use setpoint_core::Link;
use setpoint_spec::kind::Image;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Builds the images of a stack. It knows no registry.
pub struct Workshop {
    base: PathBuf,
    program: Option<Program>,
    tell: Tell,
}

impl Workshop {
    /// For contexts that are relative to the folder `base`; with this program, or with the first
    /// that works.
    pub fn new(base: PathBuf, program: Option<Program>, tell: Tell) -> Workshop {
        Workshop {
            base,
            program,
            tell,
        }
    }

    /// Builds an image, whose content is known, into the builder's own store. Returns its name
    /// there, and whether it was not there yet.
    pub async fn build(&self, name: &str, image: &Image) -> Result<(String, bool), BuildError> {
        let builder = Builder::find(self.program).await?;
        let of_store = local(image);
        if builder.holds(&of_store, &image.content).await? {
            return Ok((of_store, false));
        }
        let (context, _) = read(&self.base, image)?;
        let tell = |line: &str| (self.tell)(name, Said::Line(line.to_owned()));
        let build = builder.build(&of_store, &image.recipe, &context, &image.content, &tell);
        build.await?;
        Ok((of_store, true))
    }

    /// Takes an image that was built out of the builder's own store. It is kept as long as the
    /// folder that is returned.
    pub async fn take(&self, name: &str, image: &Image) -> Result<(Built, TempDir), BuildError> {
        let builder = Builder::find(self.program).await?;
        let of_store = local(image);
        if !builder.holds(&of_store, &image.content).await? {
            return Err(BuildError::NotBuilt(format!("the image {name}")));
        }
        let tell = |line: &str| (self.tell)(name, Said::Line(line.to_owned()));
        builder.take(&of_store, &tell).await
    }
}

/// The context of an image as it is now, and the digest of what would be built.
pub fn read(base: &Path, image: &Image) -> Result<(Context, String), ContextError> {
    let recipe = &image.recipe;
    let context = Context::read(&base.join(&recipe.context), &recipe.dockerfile)?;
    let content = content(recipe, &context)?;
    Ok((context, content))
}

/// What an image is called in the builder's own store.
fn local(image: &Image) -> String {
    format!("localhost/{}:{}", repository_of(image), image.content_tag())
}

/// The repository's name out of its URI, or the name that the stack gives it.
pub fn repository_of(image: &Image) -> String {
    match &image.repository {
        Link::To(name) => name.0.clone(),
        Link::Is(uri) => {
            let uri = uri.as_str();
            uri.split_once('/').map_or(uri, |it| it.1).to_owned()
        }
    }
}
