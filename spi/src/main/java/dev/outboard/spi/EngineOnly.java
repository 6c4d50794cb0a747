package dev.outboard.spi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A member that is public for the sidecar's engine alone. It is no part of the contract: it may
 * change with any version, so plugins don't call it; the listing and the gate leave it out.
 */
@Retention(RetentionPolicy.RUNTIME) // for the listing, which is made by reflection
@Target(ElementType.METHOD)
@interface EngineOnly {}
