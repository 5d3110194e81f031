//! What the benches share: sizes from the environment, sample files, medians, memory.
//!
//! - `TATAMI_BENCH_ROWS`: records of the product file (interactions: twice as many); each bench has its own default.
//! - `TATAMI_BENCH_RUNS`: how often each thing is measured; 5 unless told otherwise.

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tatami::{
    domain::progress::Progress,
    sample::{self, Spec},
};

/// What a bench returns.
pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// The number of product records.
pub(crate) fn rows(default: u64) -> u64 {
    number("TATAMI_BENCH_ROWS").unwrap_or(default).max(1)
}

/// How often to measure.
pub(crate) fn runs() -> u64 {
    number("TATAMI_BENCH_RUNS").unwrap_or(5).max(1)
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.replace('_', "").parse().ok()
}

/// A sample file that goes with the bench.
pub(crate) struct SampleFile(PathBuf);

impl SampleFile {
    /// Makes the file and says what it is.
    pub(crate) fn make(spec: &Spec) -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(folder)?;
        let name = format!("bench-{}-{}.{}", std::process::id(), spec.dataset, spec.format);
        let file = Self(folder.join(name));
        let started = Instant::now();
        let mut out = BufWriter::new(File::create(&file.0)?);
        sample::write(spec, &Progress::default(), &mut out)?;
        drop(out);
        println!(
            "{} {} as {}: {}, made in {:.2} s",
            spec.rows,
            spec.dataset.noun(spec.rows),
            spec.format,
            bytes(fs::metadata(&file.0)?.len()),
            started.elapsed().as_secs_f64()
        );
        Ok(file)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SampleFile {
    fn drop(&mut self) {
        // It lies in the build's own temporary folder; what stays behind there does no harm.
        drop(fs::remove_file(&self.0));
    }
}

/// Times of repeated work.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Measures once more.
    pub(crate) fn measure<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        self.push(started.elapsed());
        done
    }

    /// Adds a time measured elsewhere.
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that `percent` of the runs did not exceed, in seconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len().saturating_sub(1) * percent).div_ceil(100);
        sorted.get(at).map_or(f64::NAN, Duration::as_secs_f64)
    }

    /// The time in the middle, in seconds.
    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }
}

/// A size for people.
pub(crate) fn bytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

/// Lets the peak of the memory start again from what is used now, where the system can.
pub(crate) fn restart_peak() {
    // Refused without rights or on other systems; then the peak is that of the whole process.
    drop(fs::write("/proc/self/clear_refs", "5"));
}

/// The most memory that was resident since [`restart_peak`], in bytes, where the system says.
pub(crate) fn peak() -> Option<u64> {
    peak_in("/proc/self/status")
}

/// The same of a process, by what the system says of it.
pub(crate) fn peak_in(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// An amount of memory in words.
pub(crate) fn amount(memory: Option<u64>) -> String {
    memory.map_or_else(|| "not known here".to_owned(), bytes)
}
