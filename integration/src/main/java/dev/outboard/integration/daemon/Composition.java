package dev.outboard.integration.daemon;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import dev.outboard.engine.EngineException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.Installed;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.plugins.Plugins;
import dev.outboard.integration.wire.PluginView;
import java.util.List;

/**
 * What is installed here and what a configuration makes of it. The daemon is made from it; commands
 * that only want to know ask it and start nothing, so that they see what the daemon would see. One
 * thread.
 */
public final class Composition {
  private final Injector injector;

  private Composition(Injector injector) {
    this.injector = injector;
  }

  /** Reads nothing yet. */
  public static Composition of(RunSettings settings) {
    return new Composition(Guice.createInjector(Stage.DEVELOPMENT, new DaemonModule(settings)));
  }

  /** What a configuration can name, plugins included. */
  public Installed installed() throws UserException {
    return get(Installed.class);
  }

  /** The plugins, refused ones included. */
  public List<PluginView> plugins() throws UserException {
    return get(Plugins.class).list();
  }

  /** The whole configuration, read and checked. */
  public Plan plan() throws UserException {
    return get(Plan.class);
  }

  /** The daemon, its configuration read and checked; it has not started. */
  public Daemon daemon() throws UserException {
    return get(Daemon.class);
  }

  private <T> T get(Class<T> type) throws UserException {
    try {
      return injector.getInstance(type);
    } catch (ProvisionException e) {
      throw userException(e);
    }
  }

  /** Guice wraps what a provider throws; users want what is inside. */
  static UserException userException(ProvisionException wrapper) {
    return switch (wrapper.getCause()) {
      case UserException e -> e;
      case EngineException e -> new UserException(e.getMessage(), e);
      case null, default -> throw wrapper;
    };
  }
}
