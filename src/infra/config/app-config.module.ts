import { Module } from '@nestjs/common';
import { APP_CONFIG } from './app-config.interface.js';

/** Holds the one configuration for every module that needs it, so that also those that are wired by it can have it. */
@Module({ exports: [APP_CONFIG] })
export class AppConfigModule {}
