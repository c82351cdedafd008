-- Run once by the image, on an empty data folder: a database for each service that has state.
CREATE DATABASE tracking;
CREATE DATABASE registry;
CREATE DATABASE training;
CREATE DATABASE inference;
CREATE DATABASE monitoring;
