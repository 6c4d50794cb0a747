package dev.outboard.integration.daemon;

import com.google.inject.PrivateModule;
import dev.outboard.engine.Engine;
import dev.outboard.integration.config.Installed;
import dev.outboard.integration.config.Plan;

/**
 * For applications that run the sidecar in their own process: install it in an injector, get a
 * {@link Daemon}, start and close it. Nothing else of the sidecar's wiring is seen outside. One
 * injector has one sidecar.
 *
 * <p>{@link Engine}'s threads start with the first use, so ask for it after {@link Daemon#start};
 * guests that are attached to it directly are not declared, and a daemon that was killed does not
 * find them again.
 */
public final class SidecarModule extends PrivateModule {
  private final RunSettings settings;

  /** Of the sidecar that these settings describe; nothing is read yet. */
  public SidecarModule(RunSettings settings) {
    this.settings = settings;
  }

  @Override
  protected void configure() {
    install(new DaemonModule(settings));
    expose(Daemon.class);
    expose(Engine.class);
    expose(Plan.class);
    expose(Installed.class);
  }
}
