//! Jobs that are of no run: files, dialogs, and what is made of what was read.

use tokio::sync::watch;

use super::{Worker, between, file};
use crate::gui::backend::{Backend as _, Job, Outcome, opened_text, read_login};
use crate::gui::between::BetweenJob;
use crate::gui::compared::compared;
use crate::gui::lessons;
use crate::io::clock;
use crate::jose::key::SigningKey;

impl Worker {
    /// What has to do with files and dialogs, and what is made of what was read.
    pub(super) fn start_apart(&mut self, generation: u64, job: Job) {
        match job {
            Job::AskForKeyFile => drop(self.spawn(generation, async move { Some(file::ask_for_key().await) })),
            Job::ReadKeyFile { path, password } => {
                drop(self.spawn(generation, async move { Some(file::read_key(path, password).await) }));
            }
            Job::MakeKey(alg) => {
                let kid = format!("grantscope-{}", clock::now().seconds());
                drop(self.spawn(generation, async move { Some(make_key(alg, kid).await) }));
            }
            Job::AskToOpen(wanted) => {
                let key = self.entropy().bytes();
                drop(self.spawn(generation, async move { Some(file::ask_to_open(wanted, key).await) }));
            }
            Job::AskToSave { name, file } => {
                drop(self.spawn(generation, async move { Some(file::ask_to_save(name, file).await) }));
            }
            Job::Export(document, goes) => {
                drop(self.spawn(generation, async move { Some(file::export(document, goes).await) }));
            }
            Job::Read(path, wanted) => {
                let key = self.entropy().bytes();
                drop(self.spawn(generation, async move { Some(file::read(path, wanted, key).await) }));
            }
            Job::ReadText(text, wanted) => {
                let key = self.entropy().bytes();
                self.compute(generation, move || opened_text(&text, wanted, key));
            }
            Job::Between(BetweenJob::Stand(asked)) => {
                let (end, ended) = watch::channel(());
                self.standing = Some(end);
                drop(self.tasks.spawn(between::stand(self.shared.clone(), generation, asked, ended)));
            }
            // Dropped, it ends.
            Job::Between(BetweenJob::End) => self.standing = None,
            Job::ClientDocument(job) => self.client_document(generation, job),
            Job::Lessons(job) => {
                let folder = crate::io::lessons::folder();
                self.compute(generation, move || Outcome::Lessons(lessons::done(job, folder.as_deref())));
            }
            Job::ReadLogin(of, at) => self.compute(generation, move || read_login(of, at)),
            Job::Compare { asked, a, b, expected } => {
                self.compute(generation, move || Outcome::Compared(asked, Box::new(compared(&a, &b, &expected))));
            }
            Job::Write { path, file, replaces } => {
                drop(self.spawn(generation, async move { Some(file::write(path, file, replaces).await) }));
            }
            // All others were begun already.
            _ => {}
        }
    }
}

async fn make_key(alg: String, kid: String) -> Outcome {
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(&alg, &kid)).await;
    let made = made.map_err(|error| error.to_string());
    let made = made.and_then(|made| made.map_err(|error| error.to_string()));
    Outcome::KeyMade(made.map(|key| key.private_jwk()))
}
