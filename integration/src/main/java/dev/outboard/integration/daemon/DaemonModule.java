package dev.outboard.integration.daemon;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.ConfigFile;
import dev.outboard.integration.config.GuestPlanner;
import dev.outboard.integration.config.Installed;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.config.Planner;
import dev.outboard.integration.config.RemotePlanner;
import dev.outboard.integration.plugins.Plugins;
import dev.outboard.integration.rest.RestModule;
import dev.outboard.integration.runtime.RuntimeModule;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.TransportProvider;

/** Wires the daemon. Making the engine starts its threads; the rest only remembers. */
final class DaemonModule extends AbstractModule {
  private static final System.Logger LOG = System.getLogger("outboard");

  private final RunSettings settings;

  DaemonModule(RunSettings settings) {
    this.settings = settings;
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    install(new RestModule());
    bind(Daemon.class).in(Scopes.SINGLETON);
    bind(Banner.class).in(Scopes.SINGLETON);
    bind(Inventory.class).in(Scopes.SINGLETON);
    install(new RuntimeModule());
    bind(RunSettings.class).toInstance(settings);
  }

  /** All that are there are loaded, since the configuration may name what is in them. */
  @Provides
  @Singleton
  Plugins plugins() throws UserException {
    Installed installed =
        new Installed(
            Services.find(TransportProvider.class, "transport", TransportProvider::name),
            Services.find(IsolationPolicy.class, "isolation policy", IsolationPolicy::name),
            Notifiers.bestFirst());
    Plugins plugins = new Plugins(settings.pluginDirectory(), installed, Plugins.DEADLINE);
    plugins.loadAll();
    return plugins;
  }

  @Provides
  Installed installed(Plugins plugins) {
    return plugins.installed();
  }

  @Provides
  @Singleton
  Plan plan(Installed installed) throws UserException {
    Planner planner = new Planner(installed, settings.socket(), settings.socketIsFixed());
    return settings.config().isPresent()
        ? ConfigFile.read(settings.config().get(), planner)
        : ConfigFile.defaults(planner);
  }

  @Provides
  GuestPlanner guestPlanner(Plan plan) {
    return plan.guestPlanner();
  }

  @Provides
  RemotePlanner remotePlanner(Plan plan) {
    return plan.remotePlanner();
  }

  @Provides
  @Singleton
  Engine engine(Plan plan) throws EngineException {
    return Engine.start(
        plan.engine(),
        plan.isolation(),
        plan.notifier().provider(),
        line -> LOG.log(System.Logger.Level.WARNING, line));
  }
}
