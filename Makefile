# `make run` and `make test` set up what they need on the way; .ci/setup says what that is.
# They share one build, which is kept outside of the checkout.

export CARGO_TARGET_DIR ?= $(HOME)/.cache/tatami/target
# Nothing is downloaded where Rust is there under another name than `stable`.
export RUSTUP_TOOLCHAIN := $(shell .ci/toolchain)

.PHONY: run test long setup bench load lint fmt ci

# Says at once that a first build takes a while, when there is none yet.
define first_build
	@[ -e "$$CARGO_TARGET_DIR/debug/tatami" ] || echo "The first build takes a while: 10 minutes on two cores of an Intel Xeon."
endef

# Opens the window; without a display, makes the same journey in the terminal.
run:
	$(first_build)
	@.ci/setup run
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
		cargo run --locked; \
	else \
		cargo run --locked -- demo; \
	fi

test:
	$(first_build)
	@.ci/setup test
	cargo test --locked
	cargo test --locked -p tatami-images

# What is too long for the suite, run before a release: a million records against the published document, and an hour of
# mixed, hostile and slow traffic on the local server.
long:
	@.ci/setup test
	TATAMI_ORACLE_RECORDS=1000000 cargo test --locked -p tatami-tests oracle::
	TATAMI_LOAD_SECONDS=3600 cargo test --locked -p tatami-tests load:: -- --nocapture

# Everything that any target needs.
setup:
	@.ci/setup ci

fully_optimised = --config profile.dev.package.tatami.opt-level=3

# With the dependencies of the other targets, which are optimised, and our own code fully optimised.
bench:
	@.ci/setup run
	cargo bench --locked --profile dev $(fully_optimised)

# Mixed traffic on the local server with wrk, and whether all that was acknowledged is stored.
load:
	@.ci/setup load
	cargo build --locked $(fully_optimised)
	benches/load/run

lint:
	cargo clippy --all-targets --locked -- -D warnings
	cargo clippy --all-targets --locked -p tatami-images -- -D warnings

fmt:
	cargo fmt

# What the continuous integration does.
ci:
	.ci/run
