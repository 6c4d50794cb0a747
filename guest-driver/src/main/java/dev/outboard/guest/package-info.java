/** placeholder */ package dev.outboard.guest;
