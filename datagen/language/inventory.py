"""More things of everyday life, as a table of lines: shape, sizes in metres, material, mass in kg, then the names.

A line is `shape sizes material mass: name, name`; a mass of `-` follows from the density, and `fixed` after it never moves.
Shapes: ball r; box x y z; round r h (an upright cylinder); rod r h (one as well); pill r straight; oval rx ry rz; cone r h;
cup, bowl r h (hollow); tray, tank x y z (hollow); bucket r top h; sheet x y; rope l; door x y z; ramp l w angle; wedge x y z.
The sizes are those of the usual object, our choice [W], but for [IRB] rugby ball 28 cm and 430 g, [WFDF] disc 27 cm and 175 g,
[WA] shot 7.26 kg. What is hollow or jointed in the world and solid here (shoes, televisions) has the mass of the real one.
"""

LINES = """
ball .037 plastic .25: pear, peach, mango, avocado, onion, plum, nectarine, kiwi, beetroot
ball .012 plastic .008: cherry, olive, walnut, hazelnut, nut, acorn, chestnut, berry, strawberry, blueberry, candy, sweet
ball .012 plastic .008: gumball
ball .004 plastic .0003: pea, bean, peppercorn, seed, grain, pearl, pellet
ball .12 plastic 4: pumpkin, cabbage, lettuce, pineapple, coconut, cauliflower
ball .03 plastic .06: meatball, bun, dumpling, truffle, ball of yarn, shuttlecock, puffball, pompom
ball .14 rubber .003: balloon
ball .06 rubber .9: water balloon
ball .3 plastic 1.2: exercise ball, gym ball, yoga ball, space hopper
ball .025 rubber .05: super ball, superball, squash ball
ball .046 plastic .45: croquet ball, bocce ball, boule, petanque ball
ball .06 steel 7.26: shot put, shot-put, shotput, cannon ball
ball .095 rubber .4: handball, kickball, dodgeball, netball
ball .048 cork .18: softball, lacrosse ball, hockey ball, rounders ball
ball .006 steel -: ball bearing, bearing ball, lead shot
ball .01 steel -: projectile, particle, point mass, musket ball
ball .1 steel 12: kettlebell, kettle bell
ball .08 plastic .3: snow globe, light bulb, lightbulb, bulb, bauble, ornament, crystal ball
ball .02 plastic .03: crumpled paper, ball pit ball
oval .095 .095 .14 rubber .43: rugby ball, american football
oval .04 .03 .03 plastic .04: rubber duck, rubber ducky, toy duck, duckling
oval .09 .08 .13 cork .35: teddy bear, teddy, stuffed animal, stuffed toy, plush toy, plushie, doll, puppet, toy bear
oval .025 .02 .012 stone .03: gem, jewel, diamond, ruby, crystal, nugget, seashell, shell, lump
oval .02 .015 .011 plastic .03: computer mouse
oval .14 .11 .1 plastic .5: helmet, piggy bank, hard hat
oval .22 .15 .25 cork 3: bag, sack, backpack, rucksack, handbag, purse, shopping bag, beanbag, bean bag, punching bag
pill .018 .13 plastic .12: banana, cucumber, courgette, zucchini, aubergine, eggplant, hot dog, sausage, chilli
pill .005 .012 steel .008: bullet, cartridge
pill .04 .2 steel 5: dumbbell, barbell
pill .03 .25 plastic .3: rocket, toy rocket, torpedo
cone .15 .45 plastic 1.2: traffic cone, safety cone, pylon
cone .035 .11 plastic .1: ice cream cone, party hat, carrot, radish
cone .025 .05 wood .03: spinning top, toy top, pawn, chess piece, rook, bishop, chess pawn, game piece
cone .06 .09 brass -: bell, hand bell, church bell
cone .15 .25 wet_sand -: sandcastle, sand castle
box .28 .18 .2 steel 1.5: toaster, radio, bread box, sewing machine, bread maker
box .5 .36 .3 steel 12: microwave, microwave oven, toaster oven, amplifier
box .25 .25 .35 plastic 2.5: blender, coffee machine, coffee maker, mixer, food processor, rice cooker, air fryer
box .4 .35 .2 plastic 7: printer, game console, scanner, typewriter
box .2 .45 .45 steel 8: computer, desktop computer, server
box .2 .2 .3 wood 4: speaker, loudspeaker, birdhouse, bird house, subwoofer
box 1.8 .8 .7 wood 40: sofa, couch, settee, loveseat
box .8 .8 .8 wood 18: armchair, recliner
box 2.0 1.4 .5 wood 50: bed, double bed
box 2.0 .9 .2 foam -: mattress
box .5 .35 .12 foam -: pillow, cushion
box 1.0 .6 1.9 wood 60: wardrobe, closet, bookcase, locker
box .9 .45 .8 wood 35: dresser, chest of drawers, sideboard, commode
box .6 .6 1.7 steel 65: fridge, refrigerator, freezer, vending machine
box .6 .6 .85 steel 60: washing machine, dishwasher, dryer, washer machine
box 1.5 .6 1.2 wood 200: piano, grand piano
box .6 .4 .4 wood 15: chest, treasure chest, trunk, footlocker, hope chest
box .4 .4 .5 steel 60: strongbox, vault
box .25 .15 .1 wood .5: gift, gift box, jewelry box, jewellery box, cigar box, lunchbox, lunch box, pencil case, bird feeder
box .42 .2 .2 steel 5: toolbox, tool box, tool chest, ammo box
box .42 .1 .3 plastic 2: briefcase, laptop bag, attache case
box .4 .2 .2 stone 15: cinder block, cinderblock, breeze block, paving stone, cobblestone
box 1.2 .8 .14 wood 20: pallet
box 1.2 .5 .5 steel 300: engine block, shipping container, generator
box .6 .4 .2 wood 8: cart, trolley, wagon, handcart, shopping cart, mine cart, dolly, glider
box .9 .35 .15 wood 5: sled, sledge, sleigh, toboggan, bobsled
box .8 .2 .1 wood 3: skateboard, longboard, snowboard, surfboard
box .25 .1 .12 plastic .5: truck, toy truck, lorry, van, bus, toy bus, toy train, train, locomotive, tractor, fire engine
box .25 .1 .12 plastic .5: excavator
box .1 .05 .04 plastic .08: race car, racing car, model car, matchbox car, vehicle, sports car, taxi, police car, toy vehicle
box .3 .12 .08 wood .4: boat, toy boat, ship, toy ship, raft, canoe, ark, submarine
box .25 .25 .06 plastic .6: toy plane, airplane, aeroplane, drone, helicopter, paper plane, paper airplane
box .15 .04 .06 steel .3: stapler, hole punch, mousetrap, lock, padlock, staple gun
box .05 .05 .05 wood -: toy block, building block, alphabet block, game cube, lego, lego block, puzzle cube
box .05 .05 .05 wood -: rubik's cube
box .03 .03 .03 ice -: ice cube, icecube
box .6 .3 .3 ice -: block of ice, ice block
box .015 .015 .015 plastic .004: sugar cube, caramel, lump of sugar
box .08 .05 .025 plastic .1: soap, bar of soap, soap bar, bar soap
box .053 .035 .015 wood .02: matchbox
box .063 .088 .018 plastic .1: deck of cards, card deck, pack of cards
box .088 .063 .001 plastic .002: playing card, card, credit card, postcard
box .22 .11 .003 plastic .01: envelope, letter
box .24 .17 .008 glass .5: ipad, e-reader, picture, photo, photograph
box .15 .07 .008 glass .18: smartphone, mobile phone, cell phone, cellphone, iphone
box .44 .14 .03 plastic .7: keyboard, piano keyboard
box .55 .15 .4 plastic 5: monitor, computer monitor, computer screen, screen
box 1.0 .1 .6 plastic 12: television, tv, tv set, television set
box .4 .03 .5 wood 2: picture frame, painting, mirror, whiteboard, blackboard, sign, poster, placard
box .25 .18 .05 wood 1.2: dictionary, textbook, encyclopedia, encyclopaedia, bible, photo album, hardcover, binder
box .18 .12 .02 wood .25: paperback, comic, folder, diary, newspaper, booklet, dvd, cd case
box .3 .22 .08 plastic 1: pizza box, board game
box .25 .12 .1 plastic .5: bread, loaf, loaf of bread, bread loaf, sandwich, cheese, block of cheese, stick of butter, butter
box .1 .1 .02 plastic .03: slice of bread, toast, waffle, slice of toast, cracker, slice of cheese, bar of chocolate
box .1 .1 .02 plastic .03: chocolate bar
box .12 .08 .08 clay -: lump of clay, chunk of clay, piece of clay, ball of clay, block of clay, mound of clay
box .12 .08 .08 dough -: lump of dough, piece of dough, ball of dough, chunk of dough
box .08 .08 .08 jelly -: jello, jell-o, gelatin, gelatine, pudding, block of jelly, flan, tofu, gummy bear
box .18 .03 .01 steel .05: spoon, fork, knife, butter knife, teaspoon, tablespoon, chopsticks, table knife, dessert spoon
box .3 .08 .02 steel .2: spatula, ladle, whisk, serving spoon, trowel
box .4 .28 .02 wood 1: cutting board, chopping board, breadboard, serving board, clipboard, chessboard, chess board
box .3 .1 .04 steel .7: hammer, mallet, axe, hatchet, wrench, spanner, pliers, drill, power drill, croquet mallet, sledgehammer
box .4 .15 .25 steel 50: anvil
box .05 .02 .01 steel .05: magnet, bar magnet, key, usb stick, nail clipper, paperclip, paper clip
box .11 .09 .02 wood .15: wallet, game controller, calculator, coin purse
box .28 .1 .1 rubber .4: shoe, boot, sneaker, slipper, sandal, high heel
box .2 .12 .1 stone -: chunk of concrete, rubble, chunk of rock, chunk of stone, ingot
box .3 .03 .03 steel -: crowbar, girder, i-beam
box .06 .06 .06 wood -: body, cuboid, prism, rectangular prism, rectangular block, specimen, sample, workpiece, payload, load
box .2 .2 .2 wood -: pyramid block
box 2.4 .2 .04 wood -: seesaw plank, scaffold board, balance beam, gangplank
box .4 .25 .12 cork 15: sandbag, bag of sand, sack of flour, bag of flour, sack of potatoes, bag of rice, sack of rice
box .45 .06 2.0 wood 8: ladder, stepladder, step ladder
box .9 .04 .9 wood 12: easel, panel, partition, plywood, pane
box .9 .04 .9 wood 12: window pane
box .3 .3 .01 steel -: griddle
box .6 .4 .006 rubber - fixed: mat, doormat, yoga mat, rug, placemat, mousepad, mouse pad, gym mat, crash mat
box .6 .6 .9 steel - fixed: stove, oven, cooker, stovetop, hob, grill, barbecue
box .8 .5 .6 wood - fixed: nightstand, bedside table, side table, end table, console table, picnic table, lab bench
box .8 .5 .6 wood - fixed: laboratory bench
box 2.0 1.0 .76 wood - fixed: billiard table, pool table, ping pong table, table tennis table, conference table, snooker table
box 2.0 1.0 .76 wood - fixed: banquet table
box 2.0 .7 1.0 wood - fixed: bar counter, bar top, shop counter, cash desk, checkout counter, kitchen island, mantelpiece
box 2.0 .7 1.0 wood - fixed: mantel
box .6 .6 .03 stone - fixed: base plate, baseplate, turntable, patio
box .4 .4 .8 stone - fixed: plinth, podium, altar, lectern, chimney, bollard
box 1.0 1.0 .3 wood - fixed: dais, dock, pier, jetty, deck, loading dock, curb, kerb
box .1 1.5 .9 wood - fixed: fence, barrier, railing, hedge, handrail, barricade, guardrail, gate post
box .05 1.0 .4 stone - fixed: garden wall
box 1.5 .3 .12 concrete - fixed: bridge, footbridge, sidewalk, kerbstone, walkway
box .04 .04 .04 steel - fixed: hook, bracket, anchor point, doorstop, door stop, stopper
box 1.0 .06 .06 wood - fixed: branch, tree branch, rail, crossbar, clothesline, horizontal bar, curtain rod, pull-up bar
box 1.0 .35 .9 wood - fixed: rack, shelving unit, shelf unit, shoe rack, wine rack, dish rack, conveyor, conveyor belt
box 1.0 .35 .9 wood - fixed: assembly line
box 1.5 1.5 .5 stone - fixed: cliff, rooftop, roof, balcony, terrace, plateau
round .15 3.0 wood - fixed: tree, tree trunk, oak tree, telephone pole, utility pole, totem pole
round .05 2.5 steel - fixed: lamp post, lamppost, street lamp, flagpole, streetlight, street light, goalpost, goal post
round .05 2.5 steel - fixed: signpost, lamp pole
round .09 .2 steel 1.0: kettle, tea kettle, coffee pot, moka pot, thermos, thermos flask
round .1 .4 plastic 1.5: lamp, table lamp, desk lamp, lantern, floor lamp, night light
round .08 .3 plastic 1.5: plant, potted plant, houseplant, flower, cactus, bouquet, fern, bonsai, flower arrangement
round .075 .015 stone .2: saucer, side plate, dessert plate, lid, pot lid, petri lid
round .05 .004 cork .01: coaster, beer mat
round .13 .015 stone .6: dinner plate, platter, serving plate, cake stand, pie plate, cake plate
round .12 .08 plastic .8: cake, birthday cake, pie, cheesecake, wheel of cheese, layer cake, tart, quiche
round .15 .02 plastic .4: pizza, pancake, tortilla, crepe, flatbread
round .05 .05 plastic .2: burger, hamburger, bagel, donut, doughnut, muffin, cupcake, scone
round .03 .008 plastic .02: cookie, biscuit, oreo, crisp, potato chip
round .015 .03 plastic .004: marshmallow, cork stopper, wine cork, bottle cork
round .02 .0033 plastic .0115: poker chip, chip, token, game token, medal, bingo chip
round .01 .003 plastic .002: button, washer, sequin, confetti
round .015 .006 steel .002: bottle cap, bottle top
round .135 .02 plastic .175: frisbee, flying disc, discus, vinyl record, lp, record player
round .05 .02 steel .4: gear, cog, weight plate, pulley, flywheel, hockey disc, barbell plate, brake disc
round .14 .11 stone 19: curling stone
round .03 .03 wood .06: yo-yo, yoyo, spool of thread, cotton reel, reel, bobbin
round .06 .1 plastic .15: roll of toilet paper, toilet paper roll, toilet roll, paper roll, roll of tape, roll of paper
round .06 .1 plastic .15: paper towel roll, kitchen roll
round .033 .12 aluminium .35: soda can, beer can, coke can, drink can, soup can, pop can
round .033 .12 aluminium .35: cola can, can of soup, can of beans
round .033 .2 steel .4: spray can, aerosol can, flashlight, torch, deodorant
round .035 .25 plastic .6: water bottle, milk bottle, soda bottle, ketchup bottle, shampoo bottle
round .035 .25 plastic .6: squeeze bottle, pill bottle
round .038 .3 glass 1.2: wine bottle, beer bottle, champagne bottle, bottle of wine, bottle of water, perfume bottle
round .038 .3 glass 1.2: vinegar bottle
round .025 .1 glass .2: salt shaker, pepper shaker, pepper mill, salt cellar, spice jar, spray bottle, nail polish, ink bottle
round .025 .1 glass .2: inkwell
round .045 .12 glass .5: jam jar, cookie jar, pickle jar, candle holder, honey jar
round .08 .5 steel 7: fire extinguisher, gas cylinder, gas bottle, oxygen tank
round .2 .6 steel 25: keg, oil drum, oil barrel, milk churn, water barrel, beer keg
round .15 .3 rubber 2: ottoman, pouf, footstool, tree stump
round .15 1.0 stone 80: statue, sculpture, bust, gravestone, monument, obelisk
round .05 .25 brass 1: trophy, chandelier
round .03 .12 plastic .2: figurine, toy soldier, action figure, statuette, garden gnome, gnome, lego figure, snowman, nutcracker
round .1 .03 plastic .5: clock, alarm clock, wall clock, robot vacuum, roomba, smoke detector
rod .003 .2 cork .003: feather, quill
rod .01 .2 steel .1: screwdriver, marker, felt pen, highlighter, whistle, lipstick, bolt, chisel, drill bit
rod .004 .1 steel .02: nail, screw, needle, dart, cigarette, matchstick, toothpick, straw, drinking straw, chalk, piece of chalk
rod .004 .25 wood .02: chopstick, drumstick, knitting needle, magic wand, arrow, paintbrush, brush, toothbrush
rod .015 1.2 wood .6: broom, mop, rake, shovel, spade, cane, walking stick, crutch, broomstick, billiard cue, cue stick
rod .015 1.2 wood .6: pool cue, hockey stick, spear, javelin, umbrella
rod .033 .85 wood .9: bat, baseball bat, cricket bat, club, golf club, baton, racket, tennis racket, paddle, rolling pin
rod .02 .5 plastic .2: tube, pvc pipe, roll of wrapping paper
cup .14 .05 steel -: frying pan, skillet, baking pan, cake pan, pie dish, cake tin, baking dish, casserole dish
cup .1 .12 steel -: cooking pot, stockpot, soup pot, stewpot, cauldron, saucepot, pressure cooker
cup .04 .095 stone -: coffee mug, beer mug, tea mug, stein, tankard
cup .038 .08 stone -: coffee cup, tea cup, espresso cup, measuring cup, egg cup, sippy cup, dixie cup
cup .033 .12 glass -: water glass, beer glass, drinking glass, juice glass, pint glass, measuring glass
cup .033 .12 glass -: graduated cylinder
cup .03 .1 glass -: champagne glass, goblet, chalice, cocktail glass, martini glass, wineglass, champagne flute
cup .022 .06 glass -: shot glass, vial, ampoule, shotglass
cup .008 .15 glass -: test tube
cup .05 .02 glass -: petri dish, ashtray, watch glass
cup .06 .2 stone -: teapot, carafe, decanter, watering can, ewer, amphora, milk jug, water jug
cup .1 .2 stone -: flower pot, flowerpot, plant pot, planter, urn
cup .09 .15 plastic -: tub, ice bucket, popcorn box, paint can, paint bucket, cooking vessel, vessel, receptacle, cooler
bowl .16 .09 steel -: wok, colander, sieve, strainer, mixing bowl, salad bowl, fruit bowl, punch bowl, sink bowl
bowl .2 .12 stone -: basin, washbasin, wash basin, birdbath
bowl .07 .05 stone -: soup bowl, cereal bowl, rice bowl, dog bowl, pet bowl, sugar bowl, fishbowl, fish bowl
tank 1.5 .7 .5 stone - fixed: bathtub, bath, bath tub, hot tub, trough, water trough, horse trough
tank .5 .4 .2 steel - fixed: sink, kitchen sink, washbowl
tank .6 .3 .35 glass - fixed: aquarium, fish tank, terrarium, water tank, fishtank
tank 2.0 1.2 .5 plastic - fixed: pool, swimming pool, paddling pool, pond, wading pool
tank 1.2 .8 .25 wood - fixed: sandbox, sandpit, sand pit, sand box
tray .4 .3 .03 steel - fixed: baking tray, baking sheet, dustpan, dish tray, cookie sheet, serving tray, cafeteria tray
tray .4 .3 .03 steel - fixed: egg carton, ice tray
tray .5 .35 .3 plastic - fixed: laundry basket, recycling bin, waste bin, garbage can, rubbish bin, garbage bin, trash bin
tray .5 .35 .3 plastic - fixed: wheelbarrow, hamper, toy box, toy chest
tray .25 .18 .12 plastic - fixed: open box, shoe carton, bread basket, letter tray, organizer, compartment
tray .25 .18 .12 plastic - fixed: goal box, drop box, sorting bin
sheet .3 1.2 wool -: scarf, shawl
sheet .3 .3 cotton -: handkerchief, bandana, rag, dishcloth, dishtowel, tea towel, washcloth, cleaning cloth, piece of cloth
sheet .3 .3 cotton -: piece of fabric, doily
sheet .9 .9 cotton -: tablecloth, table cloth, curtain, bedsheet, bed sheet, tarp, tarpaulin, sail, cape, cloak, banner, duvet
sheet .9 .9 cotton -: linen, picnic blanket
sheet .9 .7 wool -: blanket, throw blanket, fleece, quilt, poncho, beach towel, bath towel
sheet .6 .6 cotton -: shirt, t-shirt, tshirt, jacket, skirt, dress, sweater, fabric, textile, flag, parachute
sheet .21 .297 paper -: sheet of paper, piece of paper, page, leaflet, flyer, tissue paper
sheet .2 .2 silk -: tissue, veil, paper tissue
sheet .04 .5 silk -: ribbon, bow tie, sash, necktie, tape measure
rope .6 nylon_rope -: cord, lanyard, leash, hose, garden hose, skipping rope, jump rope, climbing rope
rope .5 steel_cable -: cable, wire
rope .4 wet_string -: thread, shoelace, yarn, twine, piece of string, fishing line, spaghetti noodle, noodle
door .45 .03 .35 steel - fixed: microwave door, oven door, locker door, cabinet door, cupboard door, safe door
door .45 .03 .35 steel - fixed: washing machine door
door .6 .04 1.6 steel - fixed: fridge door, refrigerator door, closet door, wardrobe door, shower door, car door
door .8 .04 2.0 wood - fixed: front door, barn door, garden gate, bedroom door, kitchen door, hinged door
door .8 .04 2.0 wood - fixed: swing door
door .9 .03 1.1 glass - fixed: window, window sash, shutter, casement window
ramp 1.0 .5 .35 wood - fixed: skate ramp, loading ramp
ramp 1.0 .5 .35 wood - fixed: wheelchair ramp, inclined surface
ramp 2.0 1.0 .25 stone - fixed: hillside, mountain, mountainside, ski slope, embankment, driveway, dune
ramp 1.0 .3 .5 steel - fixed: playground slide, water slide, channel, gutter
box .25 .25 .004 plastic - fixed: zone, target zone, goal zone, target area, goal area, landing zone, target region
box .25 .25 .004 plastic - fixed: goal region, drop zone, safe zone, marked area, marked zone, landing pad, helipad
box .25 .25 .004 plastic - fixed: target square, start zone, finish zone
box 1.6 .5 1.0 wood - fixed: bar, reception desk, checkout, pulpit
cone .03 .06 wood .05: whipping top
box 2.0 .15 .04 wood 4: see - saw, teeter - totter, lever arm, springboard, diving board
cup .01 .02 steel .01: eggcup
cup .05 .12 steel -: milk can, vacuum flask, measuring jug, beer stein, mason jar
bowl .11 .08 stone -: soup plate
box .06 .04 .09 plastic .1: juice box, milk carton, match box, music box
box .06 .04 .09 plastic .1: mailbox, safe, cash register, tablet, camera body
box .06 .04 .09 plastic .1: router, heater, air conditioner, battery pack
box .09 .09 .05 plastic .12: candy bar, steak
ball .04 plastic .1: walnut shell, christmas ball, yarn ball, stress ball, bouncy ball
ball .04 plastic .1: pinball, racquetball, hamster ball, disco ball
ball .04 plastic .1: head of lettuce, head of cabbage
round .03 .15 plastic .2: tomato can, tin of beans, candlestick, candle stick, marker pen, glue stick, cigar
round .03 .15 plastic .2: hairbrush, hammer handle, wand, flute, fire hydrant, salt mill, chess king, chess queen
round .03 .15 plastic .2: chess knight, chess bishop, chess rook, totem, figure, robot toy, chess figure, lighthouse
round .03 .15 plastic .2: wine barrel, cask, rain barrel
round .11 .02 plastic .15: cd, pizza pan, cutting board round, hubcap, manhole cover, gong, cymbal, tambourine
round .11 .02 plastic .15: cogwheel, sprocket, hoop, steering wheel, cheese wheel, pancake pan
box .12 .06 .05 plastic .12: toy airplane, tram, carriage, bulldozer, fire truck, ambulance, go - kart, kart, scooter
box .12 .06 .05 plastic .12: bicycle, bike, motorcycle, spaceship
box .18 .03 .02 steel .2: scissors, comb, remote control, phone case, hoe, horseshoe, brick stone, paver
box .18 .03 .02 steel .2: roof tile, floor tile, domino tile, bookmark, photo frame, tablet computer, novel, atlas
cup .01 .02 steel .01: thimble
oval .2 .13 .15 plastic 2: penguin, seal, turtle, tortoise, hedgehog, beaver, otter, panda, koala, dinosaur, unicorn, toy animal
oval .4 .2 .3 plastic 20: dolphin, shark, crocodile, alligator, hippo, rhino, donkey, camel, giraffe, kangaroo, deer, moose
wedge .3 .2 .15 wood -: wedge, door wedge, triangular block, triangular prism
"""
"""The table; the parser of language reads it once."""
