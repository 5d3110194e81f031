# `make run` and `make test` set up what they need on the way; .ci/setup says what that is.
# They share one build, which is kept outside of the checkout.

export CARGO_TARGET_DIR ?= $(HOME)/.cache/tatami/target
# Nothing is downloaded where Rust is there under another name than `stable`.
export RUSTUP_TOOLCHAIN := $(shell .ci/toolchain)

# Where `make install` copies to, and which program it and `make package` take: one that is named is taken as it is.
PREFIX ?= $(HOME)/.local
override PREFIX := $(patsubst ~/%,$(HOME)/%,$(PREFIX))
released := $(CARGO_TARGET_DIR)/release/tatami
BINARY ?= $(released)

.PHONY: run test install uninstall package long setup bench load screenshots lint fmt ci FORCE

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

# The program, desktop entry, icons, manual pages and completions for this user; PREFIX says where else.
install: $(BINARY)
	@assets/desktop/package install "$(BINARY)" "$(PREFIX)"

uninstall:
	@assets/desktop/package uninstall "$(PREFIX)"

# The same as a tarball and, on Debian, as a package.
package: $(BINARY)
	@assets/desktop/package pack "$(BINARY)" "$(CARGO_TARGET_DIR)/package"

# A build of its own, fully optimised. Its version names the commit.
$(released): FORCE
	@.ci/setup run
	TATAMI_COMMIT=$$(git describe --always --dirty --exclude '*' 2>/dev/null) cargo build --locked --release --package tatami

# What is too long for the suite, run before a release: a million records against the published document, ten thousand
# random keys and clicks in the window, and an hour of mixed, hostile and slow traffic on the local server.
long:
	@.ci/setup test
	TATAMI_ORACLE_RECORDS=1000000 cargo test --locked -p tatami-tests oracle::
	TATAMI_UI_STEPS=10000 cargo test --locked -p tatami-tests ui_fuzz::
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

# The pictures of the README, of the real window.
screenshots:
	@.ci/setup ci
	cargo build --locked
	.ci/screenshots

lint:
	cargo clippy --all-targets --locked -- -D warnings
	cargo clippy --all-targets --locked -p tatami-images -- -D warnings

fmt:
	cargo fmt

# What the continuous integration does.
ci:
	.ci/run
